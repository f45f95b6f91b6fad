"""Speaks a reply for a persona with a role brief, using a small local model (`role_by_model` plays with a key).

The trainee's words are transcribed and recognised; a matching reaction is spoken word for word before any language
model is asked. If none matches, a sufficiently good model answers in its own words, which pass through a guard. The
packaged model is not good enough (scripts/bench/roleplay.md): with it, common talk gets common answers, and anything
else a line that fits that kind of question, request or statement.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import replace

import structlog

from coach.providers.ports import (
    ModelsRestarting,
    ProviderError,
    ReplyRequest,
    RoleplayModel,
    SentenceEmbeddings,
    SpeechRecognizer,
)
from coach.telemetry import metrics, names
from coach.threads import in_thread
from practice.lifecycle import Language
from practice.persona import common_answers, locked_reactions, role_rules
from practice.persona.known_facts import told_when_asked
from practice.persona.recognition import prepare, understand
from practice.persona.reply_guard import ReplyGuard
from practice.persona.role_brief import RoleBrief
from practice.persona.role_reply import reply
from practice.persona.role_state import RoleState
from practice.persona.role_storage import RolePart
from practice.persona.understood import Understood
from practice.turns.events import AudioSpoken, Fact, ReplyFailed, ReplyFinished, ReplyStarted, RoleMoved, TextSpoken
from practice.turns.pipeline import speak

log = structlog.get_logger(__name__)

HEARING_SECONDS = 20.0  # a busy machine transcribes late; without the words the persona cannot react to them
TRIES = 2
# A first start downloads the model: on a slow line that takes an hour.
MODEL_LOOK_SECONDS = 2.0
MODEL_LOOKS = 3_600

_SENTENCES = re.compile(r".*[.!?…。！？]+[”\"’]?\s*", re.DOTALL)

TRUST_IN_WORDS = {
    "en": (
        "{name} has had enough of {other} and is about to leave.",
        "{name} feels attacked and answers shortly.",
        "{name} is wary and defends themselves.",
        "{name} waits to see what {other} wants.",
        "{name} begins to listen.",
        "{name} feels understood and speaks more openly.",
        "{name} trusts {other}.",
    ),
    "zh": (
        "{name}已经受够了{other}，马上就要走。",
        "{name}觉得受到攻击，回答很短。",
        "{name}有戒心，在为自己辩解。",
        "{name}在观望{other}想要什么。",
        "{name}开始听进去了。",
        "{name}觉得被理解，话也多了一些。",
        "{name}信任{other}。",
    ),
}
"""From least to most trust."""


class RolePlayer:
    """Speaks as the brief says. One per web process."""

    def __init__(
        self,
        model: RoleplayModel,
        recognizer: SpeechRecognizer,
        embeddings: SentenceEmbeddings,
        own_words: Callable[[], bool] | None = None,
    ) -> None:
        """`own_words`: whether the model is good enough to answer what the brief does not foresee; may block."""
        self._own_words = own_words
        self._model = model
        self._recognizer = recognizer
        self._embeddings = embeddings
        self._preparing: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()

    def prepare(self, brief: RoleBrief | None, language: str) -> None:
        """Embed the lines that a turn is compared with before there is one; the first turn makes up for a failure.

        Without a brief: the lines that belong to every talk. There are hundreds, so a first turn that had to wait for
        them would take seconds.
        """
        task = asyncio.create_task(self._prepare(brief, language), name="prepare-role")
        self._preparing.add(task)
        task.add_done_callback(self._preparing.discard)

    async def prepare_when(self, ready: Callable[[], bool]) -> None:
        """Embed the lines of every talk, in every language, once `ready` (may block) says that the model answers.

        After a first start that is before anybody talks: the files of the embeddings come before those that talking
        waits for. If the model never comes, the first turn makes up for it.
        """
        for _ in range(MODEL_LOOKS):
            if await in_thread(ready):
                break
            await asyncio.sleep(MODEL_LOOK_SECONDS)
        for language in Language:
            await self._prepare(None, language)

    async def _prepare(self, brief: RoleBrief | None, language: str) -> None:
        # Of two that want the same lines, the second is answered from memory.
        async with self._one_at_a_time:
            with suppress(ProviderError):
                await prepare(brief, self._embeddings, language=language)

    async def speak(self, request: ReplyRequest, part: RolePart) -> AsyncGenerator[Fact, None]:
        """Like `pipeline.speak`, with the persona's new states among the facts.

        Raises ModelsRestarting if the models that hear and compare are away.
        """
        heard = await self._heard(request, part)
        understood = await self._understood(heard, part)
        before, last = _lines_before(request)
        own_words = await self._speaks_freely()
        answer, state = reply(part, heard, understood, before=before, last=last, own_words=own_words)
        yield RoleMoved(state)
        if answer is None:
            facts = self._in_own_words(request, part, heard, state)
        else:
            metrics.count(names.PERSONA_ANSWERS, kind=answer.kind)
            facts = speak(self._model, replace(request, say=answer.text))
        async with aclosing(facts):
            async for fact in facts:
                yield fact

    async def rehearse(self, request: ReplyRequest, part: RolePart) -> None:
        """Do what `speak` will have to do if the turn is sent as it is; only the models remember it."""
        with suppress(ProviderError):
            heard = await self._heard(request, part)
            understood = await self._understood(heard, part)
            before, last = _lines_before(request)
            answer, _ = reply(part, heard, understood, before=before, last=last)
            if heard and answer is not None:
                await self._model.warm(replace(request, say=answer.text))

    async def _speaks_freely(self) -> bool:
        asked = self._own_words
        return asked is not None and await in_thread(asked)

    async def _heard(self, request: ReplyRequest, part: RolePart) -> str:
        """What the trainee said; empty if it was not transcribed in time."""
        last = request.lines[-1] if request.lines else None
        if part.heard is not None or last is None or last.mp3 is None:
            return part.heard or (last.text if last and last.text else "")
        try:
            async with asyncio.timeout(HEARING_SECONDS):
                transcript = await in_thread(
                    self._recognizer.transcribe, last.mp3, language=part.language, session_id=request.session_id
                )
        except ModelsRestarting:
            raise
        except (ProviderError, TimeoutError) as error:
            log.warning("a turn was not transcribed in time", sessionId=request.session_id, error=type(error).__name__)
            return ""
        return transcript.text

    async def _understood(self, heard: str, part: RolePart) -> Understood:
        if common_answers.is_foreign(heard, part.language):
            return Understood()
        try:
            return await understand(
                part.brief, heard, self._embeddings, language=part.language, happened=part.state.happened
            )
        except ModelsRestarting:
            raise
        except ProviderError as error:
            log.warning("reactions could not be told apart", error=str(error))
            return Understood()

    async def _in_own_words(
        self, request: ReplyRequest, part: RolePart, heard: str, state: RoleState
    ) -> AsyncGenerator[Fact, None]:
        guard = _guard(request, part, heard, state)
        asked = replace(request, context="\n".join(filter(None, [request.context, _mood(part, state)])))
        yield ReplyStarted()
        for _ in range(TRIES):
            begun = False
            async with aclosing(self._watched(asked, guard)) as facts:
                async for fact in facts:
                    begun = True
                    yield fact
            if begun:
                metrics.count(names.PERSONA_ANSWERS, kind="model")
                return
        answer, held = role_rules.hold_on(part.brief, state)
        metrics.count(names.PERSONA_ANSWERS, kind=answer.kind)
        yield RoleMoved(held)
        async with aclosing(speak(self._model, replace(request, say=answer.text))) as facts:
            async for fact in facts:
                yield fact

    async def _watched(self, request: ReplyRequest, guard: ReplyGuard) -> AsyncGenerator[Fact, None]:
        """A model's reply up to the point where the guard stops it; nothing if it is stopped at once.

        Only whole sentences are passed on, words and sound, because half a sentence cannot be judged.
        """
        text, shown = "", 0
        held: list[tuple[AudioSpoken, int]] = []  # and the length of the text when it came
        async with aclosing(speak(self._model, request)) as facts:
            async for fact in facts:
                if isinstance(fact, TextSpoken):
                    text += fact.text
                elif isinstance(fact, AudioSpoken):
                    held.append((fact, len(text)))
                elif isinstance(fact, ReplyFailed):
                    yield fact
                    return
                whole = len(text) if isinstance(fact, ReplyFinished) else _whole_sentences(text)
                if whole > shown or (isinstance(fact, ReplyFinished) and held):
                    if self._refused(guard, text[:whole]):
                        break
                    if whole > shown:
                        yield TextSpoken(text[shown:whole])
                        shown = whole
                while held and held[0][1] <= shown:
                    yield held.pop(0)[0]
                if isinstance(fact, ReplyFinished):
                    yield fact
                    return
        if shown:
            yield ReplyFinished()

    def _refused(self, guard: ReplyGuard, text: str) -> bool:
        fault = guard.fault(text)
        if fault:
            metrics.count(names.PERSONA_REFUSED, fault=fault)
            log.info("a model's reply was not let through", fault=fault)
        return fault is not None


def _lines_before(request: ReplyRequest) -> tuple[str, str]:
    """The trainee's turn before the one to be answered, and the persona's last line."""
    theirs = [line.text or "" for line in request.lines[:-1] if line.speaker == "trainee"]
    ours = [line.text or "" for line in request.lines if line.speaker == "ai"]
    return (theirs[-1] if theirs else ""), (ours[-1] if ours else "")


def _whole_sentences(text: str) -> int:
    """The length of the complete sentences at the start of the text."""
    found = _SENTENCES.match(text)
    return found.end() if found else 0


def _guard(request: ReplyRequest, part: RolePart, heard: str, state: RoleState) -> ReplyGuard:
    locked = locked_reactions.locked(part.brief, state)
    told = [line for one in part.brief.reactions if one not in locked for line in one.says]
    told += [line for fact in told_when_asked(part.brief, state.happened) for line in fact.says]
    return ReplyGuard(
        heard=heard,
        known=[request.instructions, *told, *(line.text for line in request.lines if line.text)],
        locked=[line for one in locked for line in one.says],
        language=part.language,
        names=(part.name, part.name.split()[0], part.other, part.other.split()[0]),
    )


def _mood(part: RolePart, state: RoleState) -> str:
    words = TRUST_IN_WORDS.get(part.language, TRUST_IN_WORDS["en"])
    return words[state.trust - role_rules.TRUST_MIN].format(name=part.name, other=part.other)

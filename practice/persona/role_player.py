"""Speaks a reply for a persona with a role brief, using a small local model (`role_by_model` plays with a key).

The trainee's words are transcribed and recognised; a matching reaction is spoken word for word before any language
model is asked. If none matches, a sufficiently good model answers in its own words, which pass through a guard. The
packaged model is not good enough (scripts/bench/roleplay.md): with it, common talk gets common answers, and anything
else a line that fits that kind of question, request or statement.
"""

import asyncio
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
from practice.persona.answers import common_answers
from practice.persona.answers.role_reply import reply
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.model.own_words import in_own_words
from practice.persona.recognition.turn_recognition import prepare, understand
from practice.persona.recognition.understood import Understood
from practice.persona.rules.role_storage import RolePart
from practice.turns.events import Fact, RoleMoved
from practice.turns.pipeline import speak

log = structlog.get_logger(__name__)

HEARING_SECONDS = 20.0  # a busy machine transcribes late; without the words the persona cannot react to them
# A first start downloads the model: on a slow line that takes an hour.
MODEL_LOOK_SECONDS = 2.0
MODEL_LOOKS = 3_600


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
            facts = in_own_words(self._model, request, part, heard, state, understood.near)
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


def _lines_before(request: ReplyRequest) -> tuple[str, str]:
    """The trainee's turn before the one to be answered, and the persona's last line."""
    theirs = [line.text or "" for line in request.lines[:-1] if line.speaker == "trainee"]
    ours = [line.text or "" for line in request.lines if line.speaker == "ai"]
    return (theirs[-1] if theirs else ""), (ours[-1] if ours else "")

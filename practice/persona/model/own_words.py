"""A small model's own words where the brief has no line: how it is asked, and where it is cut off.

Its reply is passed on sentence by sentence, each once the guard has let it through: no copy of the trainee's words, no
contradicted number, nothing still locked, no other role.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

import structlog

from coach.providers.ports import ModelsRestarting, ReplyRequest, RoleplayModel
from coach.telemetry import metrics, names
from practice.persona.brief import locked_reactions
from practice.persona.brief.role_brief import Fact as KnownFact
from practice.persona.model.reply_guard import ReplyGuard
from practice.persona.recognition.known_facts import told_when_asked
from practice.persona.rules import role_rules
from practice.persona.rules.role_state import RoleState
from practice.persona.rules.role_storage import RolePart
from practice.turns.events import AudioSpoken, Fact, ReplyFailed, ReplyFinished, ReplyStarted, RoleMoved, TextSpoken
from practice.turns.pipeline import speak

log = structlog.get_logger(__name__)

TRIES = 2

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
KNOWS = {
    "en": "{name} knows this, and says it if it was asked for: {facts}",
    "zh": "{name}知道这些，被问到时会说：{facts}",
}


async def in_own_words(
    model: RoleplayModel, request: ReplyRequest, part: RolePart, heard: str, state: RoleState, near: Sequence[KnownFact]
) -> AsyncGenerator[Fact, None]:
    """What the model says, or a holding line of the brief if the guard stops it twice at once or the model fails.

    `near`: facts that may be told, about what was said. They go with the last line, because what stands before it is
    the same at the next turn, and a model reads that only once.
    """
    guard = _guard(request, part, heard, state)
    notes = [request.context, _mood(part, state), _knows(part, near)]
    asked = replace(request, context="\n".join(filter(None, notes)))
    yield ReplyStarted()
    for _ in range(TRIES):
        begun = failed = False
        async with aclosing(whole_sentences_let_through(model, asked, guard)) as facts:
            async for fact in facts:
                failed = not begun and _is_failure(fact)
                if failed:
                    break
                begun = True
                yield fact
        if begun:
            metrics.count(names.PERSONA_ANSWERS, kind="model")
            return
        if failed:  # it has been tried again already
            break
    answer, held = role_rules.hold_on(part.brief, state)
    metrics.count(names.PERSONA_ANSWERS, kind=answer.kind)
    yield RoleMoved(held)
    async with aclosing(speak(model, replace(request, say=answer.text))) as facts:
        async for fact in facts:
            yield fact


async def whole_sentences_let_through(
    model: RoleplayModel, request: ReplyRequest, guard: ReplyGuard
) -> AsyncGenerator[Fact, None]:
    """A model's reply up to the point where the guard stops it; nothing if it is stopped at once.

    Only whole sentences are passed on, words and sound, because half a sentence cannot be judged. If the reply is
    stopped before the sound of the sentences passed on has come, they are spoken anew.
    """
    text, shown, is_heard = "", 0, False
    held: list[tuple[AudioSpoken, int]] = []  # and the length of the text when it came
    async with aclosing(speak(model, request)) as facts:
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
                if _refused(guard, text[:whole]):
                    break
                if whole > shown:
                    yield TextSpoken(text[shown:whole])
                    shown = whole
            while held and held[0][1] <= shown:
                is_heard = True
                yield held.pop(0)[0]
            if isinstance(fact, ReplyFinished):
                yield fact
                return
    if is_heard:
        yield ReplyFinished()
    elif shown:
        async with aclosing(speak(model, replace(request, say=text[:shown].strip()))) as facts:
            async for fact in facts:
                if not isinstance(fact, ReplyStarted | TextSpoken):
                    yield fact


def _is_failure(fact: Fact) -> bool:
    """Whether the model failed for good; one that is being restarted is waited for."""
    if not isinstance(fact, ReplyFailed) or isinstance(fact.error, ModelsRestarting):
        return False
    log.warning("a model had no words of its own", error=str(fact.error))
    return True


def _refused(guard: ReplyGuard, text: str) -> bool:
    fault = guard.fault(text)
    if fault:
        metrics.count(names.PERSONA_REFUSED, fault=fault)
        log.info("a model's reply was not let through", fault=fault)
    return fault is not None


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


def _knows(part: RolePart, near: Sequence[KnownFact]) -> str:
    """One line: each question and its answer."""
    if not near:
        return ""
    told = " ".join(f"{fact.asked[0]} – {fact.says[0]}" for fact in near)
    return KNOWS.get(part.language, KNOWS["en"]).format(name=part.name, facts=told)

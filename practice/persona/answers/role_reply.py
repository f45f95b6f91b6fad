"""Chooses what a persona with a role brief says without a language model: brief, common talk, then a general line.

Pure. The player says it aloud, `scripts/bench/roleplay_offline` writes it down.
"""

import re
from dataclasses import replace

from practice.persona.answers import common_answers
from practice.persona.brief import locked_reactions
from practice.persona.brief.harmless_reactions import harmless_ones
from practice.persona.common_talk import common_talk
from practice.persona.recognition.nearest_reaction import SURELY
from practice.persona.recognition.understood import Understood
from practice.persona.rules import role_rules
from practice.persona.rules.joined_lines import joined
from practice.persona.rules.role_rules import RoleAnswer
from practice.persona.rules.role_state import RoleState
from practice.persona.rules.role_storage import RolePart
from practice.persona.sentences.dialogue_act import act, asks
from practice.persona.sentences.plain_words import plain
from practice.persona.sentences.sentence_parts import thoughts
from practice.persona.sentences.under_way import is_under_way, said_again, without_opening
from practice.turns.recogniser_inventions import without_noise

SURE = 0.5
"""Minimum likeness to a locked reaction; below it the sentence counts as not recognised."""
SUMS_UP = frozenset({"closing", "opinion", "agreeing"})
"""Common talk that comes back to a proposal: "Deal?", "Would that work for you?", "Exactly." """

LETS_SPEAK = frozenset(
    {"empathy", "comfort", "earnest", "no-blame", "acknowledgement", "your-turn", "promise", "forgiving", "affection"}
)
"""Common talk after which the persona may come back to what was asked too early: "I'm on your side." """
SAYS_AGAIN = frozenset({"again", "lost-thread"})
"""Common talk answered by the persona's last line, word for word."""
TELLS = frozenset({"statement", "aboutMe", "aboutYou", "feeling", "confession", "reason"})


def reply(
    part: RolePart, heard: str, understood: Understood, *, before: str, last: str, own_words: bool = False
) -> tuple[RoleAnswer | None, RoleState]:
    """`before`: the trainee's previous turn; `last`: the persona's last line.

    None: a model answers in its own words. That happens if it is good enough (`own_words`) and the brief has no line,
    and once the talk is over.
    """
    heard = without_noise(heard)
    locked = {one.key for one in locked_reactions.locked(part.brief, part.state)}
    called = [each.key for each in understood.reactions if each.likeness >= SURE or each.key not in locked]
    small = harmless_ones(part.brief)
    if called and called[0] not in small:  # "not yet" to what was said, before an answer to small talk in it
        called = [key for key in called if key not in small or key == understood.wants_answer]
    if not called and understood.aside in SUMS_UP:
        called = role_rules.waiting(part.brief, part.state)
    answer, state = role_rules.react(
        part.brief,
        part.state,
        called,
        sequence=part.sequence - 1,
        fits=understood.fits,
        wants_answer=understood.wants_answer,
        said_at=understood.said_at,
        bridges=common_talk(part.language).bridges,
    )
    if (
        understood.facts
        and not state.ended
        and (told := _with_facts(part, heard, answer, state, understood)) is not None
    ):
        return told
    if answer is not None or state.ended or own_words:
        return _later_on(part, answer), state
    if (
        not called
        and _lets_speak(part, heard, understood.aside)
        and (earlier := role_rules.come_back_to(part.brief, state))
    ):
        answer, state = role_rules.react(
            part.brief,
            state,
            earlier,
            sequence=part.sequence - 1,
            fits=understood.fits,
            bridges=common_talk(part.language).bridges,
            by_itself=True,
        )
        if answer is not None:
            return answer, state
    common = common_answers.answer(part, state, heard, understood, before=before, last=last)
    if understood.aside in SAYS_AGAIN and common is not None:
        return common
    answer, state = common or common_answers.unforeseen(part, state, heard, last=last)
    return _later_on(part, answer), state


def _with_facts(
    part: RolePart, heard: str, answer: RoleAnswer | None, state: RoleState, understood: Understood
) -> tuple[RoleAnswer, RoleState] | None:
    """Answers with the facts that were asked for; None: `answer` stands alone.

    They replace a missing answer, small talk, or a "not yet" to something said earlier. Beside one other reaction, the
    last fact follows it if the turn ended with the question for it, and precedes it if the turn went on.
    """
    if answer is None:
        return role_rules.tell(state, understood.facts, understood.fits) or role_rules.common(
            state, common_talk(part.language).asked
        )
    refused = answer.kind in ("otherwise", "holdsOn")
    if refused or harmless_ones(part.brief).issuperset(answer.reactions):
        if refused and not understood.asked_last and _surely_called(answer, understood):
            return None
        return role_rules.tell(replace(state, said=part.state.said), understood.facts, understood.fits)
    hurt = any(part.brief.reaction(key).trust < 0 for key in answer.reactions)
    if hurt or len(answer.reactions) > 1 or not (understood.asked_last or _ends_telling(part, heard)):
        return None
    told = role_rules.tell(state, understood.facts[-1:], understood.fits)
    if told is None:
        return None
    texts = [answer.text, told[0].text] if understood.asked_last else [told[0].text, answer.text]
    return replace(answer, text=joined(texts)), told[1]


def _surely_called(answer: RoleAnswer, understood: Understood) -> bool:
    """Whether what is answered was nearly said; a "not yet" to something less like it answers less than a fact."""
    return any(one.key in answer.reactions and one.likeness >= SURELY for one in understood.reactions)


def _ends_telling(part: RolePart, heard: str) -> bool:
    """Whether the turn goes on after its question: that is answered first."""
    last = thoughts(heard)[-1:]
    return bool(last) and not asks(plain(last[0], part.language), part.language)


def _later_on(part: RolePart, answer: RoleAnswer | None) -> RoleAnswer | None:
    """What was reacted to before without surprise; small talk without its "What is it?", once that is known."""
    moved = answer is not None and answer.kind == "says" and set(answer.reactions) - harmless_ones(part.brief)
    if answer is not None and moved and set(part.state.happened).issuperset(answer.reactions):
        told = said_again(answer.text, part.language) or common_talk(part.language).told[0]
        return replace(answer, text=told)
    if moved and answer is not None and len(answer.reactions) > 1:  # one of them told what the other would ask for
        return replace(answer, text=without_opening(answer.text, part.language))
    small = answer is not None and harmless_ones(part.brief).issuperset(answer.reactions)
    if answer is None or not small or not is_under_way(part.brief, part.state.happened):
        return answer
    return replace(answer, text=without_opening(answer.text, part.language))


def _lets_speak(part: RolePart, heard: str, aside: str) -> bool:
    """Whether it is a statement that no line of the brief answers, or common talk that gives the other one room."""
    if asks(heard, part.language) or common_answers.is_foreign(heard, part.language):
        return False
    if aside:
        return aside in LETS_SPEAK
    last = thoughts(heard)[-1:]
    said = plain(last[0], part.language) if last and re.search(r"\w", heard) else ""
    return bool(said) and act(said, part.language) in TELLS

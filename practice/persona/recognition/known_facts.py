"""Which fact of a role brief a question asks for, and how clearly. Pure.

A fact is sure if what is asked for agrees, its answers go with the question too, and no other fact is nearly as near.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest

from practice.persona.brief.role_brief import Fact, RoleBrief
from practice.persona.recognition.common_recognition import less_alike
from practice.persona.sentences.answer_kinds import can_answer
from practice.persona.sentences.asked_for import GROUPS_KEPT, LOOSE, AskedFor, all_asked_for, asked_for
from practice.persona.sentences.dialogue_act import LINES_KEPT, act, asks
from practice.persona.sentences.likeness import Likenesses, overall

ANSWER_SHARE = 0.5
"""What the likeness of a question to the answers counts for, beside that to the lines that ask for the fact."""
HARDLY_AHEAD = 0.03
"""A fact that must not be told yet hides one that may be, if it is nearer by more than this."""
FACTS_NEAR = 5
"""A model that answers in its own words is told so many facts about what was said, so that it need not invent any."""
SAME_QUESTION = 0.9
"""Two facts with lines so much alike are asked for by the same question."""
NOT_REQUESTED = 0.3
"""A fact is so much less like a request if none of its lines is one."""
OTHERWISE_ASKED, LOOSELY_ASKED = 0.1, 0.03
"""A fact is so much less like a question that asks for something else; the second where either is a yes-or-no question
or asks what or how, which may ask for anything."""

_TELL = re.compile(
    r"^(?:please |just |so |and |but |well |ok(?:ay)? )*(?:(?:can|could|would|will) you )?(?:please |just |maybe )*"
    r"(?:tell (?:me|us)|describe|explain|remind me|say something|talk (?:me through|about))\b"
    r"|\bi(?:['’]m| am| was)? (?:just )?(?:wonder|wondered|wondering|curious)\b"
    r"|\bi(?:['’]d| would) (?:like|love) to know\b"
    r"|^(?:那|[你您])*(?:跟我|给我)?(?:讲讲|说说|介绍|聊聊)|我(?:想|就想)(?:知道|问|了解)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FactAsked:
    """`likeness`: of the question to the fact's lines, as to those of a reaction, from -1 to 1. `sureness`: how well
    the fact goes with the question, its answers included, and how far it is `ahead` of the next fact.
    """

    fact: Fact
    likeness: float
    sureness: float
    ahead: float = 0.0


def may_ask(sentence: str, language: str) -> bool:
    """Whether a fact could answer it: it asks for something.

    >>> [may_ask(each, "en") for each in ("How cold is it?", "Tell me about your boss.", "It is cold.")]
    [True, True, False]
    """
    return act(sentence, language) == "request" or asks(sentence, language) or _TELL.search(sentence) is not None


def nearest_fact(
    brief: RoleBrief, sentence: str, alike: Likenesses, language: str, *, happened: Collection[str] = ()
) -> FactAsked | None:
    """The fact most like a question; None if it is no question.

    It may be one that must not be told yet, unless one that may is about as near. `happened`: as in `told_when_asked`.
    """
    if not brief.knows or not may_ask(sentence, language):
        return None
    found: list[tuple[float, float, int]] = []
    for place, fact in enumerate(brief.knows):
        if not can_answer(sentence, fact.asked, fact.says, language):
            continue
        asked, less = alike.of(sentence, fact.asked), _otherwise(sentence, fact, language)
        goes_with = (
            (max(asked) + sum(asked) / len(asked)) / 2 + ANSWER_SHARE * max(alike.of(sentence, fact.says)) - less
        )
        found.append((goes_with, overall(asked) - less, place))
    if not found:
        return None
    found.sort(reverse=True)
    may_be_told = [one for one in found if _may_be_told(brief.knows[one[2]], happened)]
    if may_be_told and may_be_told[0][0] >= found[0][0] - HARDLY_AHEAD:
        found = may_be_told
    (best, likeness, place), *others = found
    fact = brief.knows[place]
    ahead = next((best - next_best for next_best, _, at in others if not _same(fact, brief.knows[at], alike)), 0.0)
    return FactAsked(fact, likeness, best + ahead, ahead)


def _may_be_told(fact: Fact, happened: Collection[str]) -> bool:
    return all(key in happened for key in fact.needs.after)


def _same(one: Fact, other: Fact, alike: Likenesses) -> bool:
    """Whether two facts are asked for by the same question, so that either of them answers it."""
    return max(alike.nearest(line, tuple(other.asked)) for line in one.asked) >= SAME_QUESTION


def facts_near(told: Iterable[Fact], said: Sequence[str], alike: Likenesses) -> tuple[Fact, ...]:
    """The few of these facts that are most like something that was said, asked for or not; the nearest first."""

    def likeness(fact: Fact) -> float:
        lines = [*fact.asked, *fact.says]
        return max(max(alike.of(one, lines)) for one in said)

    return tuple(nlargest(FACTS_NEAR, told, key=likeness))


def told_when_asked(brief: RoleBrief, happened: Collection[str]) -> list[Fact]:
    """The facts that may be told by now. `happened`: the reactions of earlier turns."""
    return [fact for fact in brief.knows if _may_be_told(fact, happened)]


def _otherwise(sentence: str, fact: Fact, language: str) -> float:
    """How much less a sentence asks for this fact because of what it asks for, and how."""
    kinds, requested = _ways_asked(tuple(fact.asked), language)
    if not requested and _requests(sentence, language):
        return NOT_REQUESTED  # "What if we begin with five hotels?" does not ask how many there are
    wanted = all_asked_for(sentence, language)
    less = less_alike(sentence, fact.asked, language)
    if wanted & kinds:
        return less
    return less + (LOOSELY_ASKED if (wanted | kinds) & LOOSE else OTHERWISE_ASKED)


@lru_cache(maxsize=GROUPS_KEPT)
def _ways_asked(asked: tuple[str, ...], language: str) -> tuple[frozenset[AskedFor], bool]:
    """What kinds of thing these lines ask for first, and whether one of them is a request."""
    kinds = frozenset(asked_for(line, language) for line in asked)
    return kinds, any(_requests(line, language) for line in asked)


@lru_cache(maxsize=LINES_KEPT)
def _requests(sentence: str, language: str) -> bool:
    return act(sentence, language) == "request" and _TELL.search(sentence) is None

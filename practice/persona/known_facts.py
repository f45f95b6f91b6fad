"""Which fact of a role brief a question asks for, and how clearly. Pure.

"How long have you worked here?" and "Why do you work here?" are nearly the same sentence to a sentence encoder, so what
is asked for (a time, a reason, a person …) has to agree as well.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from practice.lifecycle import Language
from practice.persona.common_recognition import less_alike
from practice.persona.dialogue_act import act, asks
from practice.persona.likeness import overall
from practice.persona.role_brief import Fact, RoleBrief

AskedFor = Literal["reason", "time", "amount", "place", "person", "other", "whether"]

ANSWER_SHARE = 0.5
"""What the likeness of a question to the answers counts for, beside that to the lines that ask for the fact."""
NOT_REQUESTED = 0.3
"""A fact is so much less like a request if none of its lines is one."""
OTHERWISE_ASKED, LOOSELY_ASKED = 0.1, 0.03
"""A fact is so much less like a question that asks for something else; the second where either is a yes-or-no question
or asks what or how, which may ask for anything."""

_LEAD = (
    r"(?:^|[,;] |\b(?:and|but|so|or|know|me|us|wonder|wondering|ask|remember|recall|say|said|sure|curious|about) )"
    r"(?:for |since |until |till |from |at |in |with |by |to )?"
)
_EN: Sequence[tuple[AskedFor, str]] = (
    ("reason", rf"{_LEAD}(?:why|how come|what made|what makes|what(?:['’]s| is| was) the reason)\b|\bwhat for\b"),
    ("time", rf"{_LEAD}(?:how long|how soon|when|(?:what|which) (?:time|day|date|month|year|weekday))\b"),
    (
        "amount",
        rf"{_LEAD}how (?:much|many|often|far|old|big|tall|heavy|cold|warm|hot)\b",
    ),
    ("place", rf"{_LEAD}where\b"),
    ("person", rf"{_LEAD}(?:who|whose|whom)\b"),
    ("other", rf"{_LEAD}(?:what|which|how)\b"),
)
_ZH: Sequence[tuple[AskedFor, str]] = (
    ("reason", r"为(?:什么|啥|何)|干(?:嘛|吗|啥要)|怎么(?:不|没|会|就|想)|咋(?:不|没|会|就)|凭什么"),
    (
        "time",
        r"什么时候|啥时候|何时|多久|多长时间|几[点号月年]|哪[天年月]|多少(?:年|天|个月|点)|几个?(?:月|年|天|小时|星期)",
    ),
    ("amount", r"多少|多[大高远重冷贵]|几[个次回遍岁杯本斤块件双]"),
    ("place", r"哪(?:里|儿|边)|在哪|去哪|什么地方|啥地方"),
    ("person", r"谁|哪位|什么人|啥人"),
    ("other", r"什么|啥|怎么|咋|哪"),
)
_FORMS = {
    False: [(kind, re.compile(form, re.IGNORECASE)) for kind, form in _EN],
    True: [(kind, re.compile(form)) for kind, form in _ZH],
}
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
    the fact goes with the question, its answers included, and how far it is ahead of the next fact.
    """

    fact: Fact
    likeness: float
    sureness: float


def may_ask(sentence: str, language: str) -> bool:
    """Whether a fact could answer it: it asks for something.

    >>> [may_ask(each, "en") for each in ("How cold is it?", "Tell me about your boss.", "It is cold.")]
    [True, True, False]
    """
    return act(sentence, language) == "request" or asks(sentence, language) or _TELL.search(sentence) is not None


def asked_for(sentence: str, language: str) -> AskedFor:
    """What kind of thing a question wants to know.

    >>> asked_for("And how long have you been here?", "en"), asked_for("Were you angry when he left?", "en")
    ('time', 'whether')
    """
    forms = _FORMS[language == Language.CHINESE]
    return next((kind for kind, form in forms if form.search(sentence)), "whether")


def nearest_fact(
    brief: RoleBrief, sentence: str, alike: Callable[[Sequence[str]], Sequence[float]], language: str
) -> FactAsked | None:
    """The fact most like a question, told or not; None if it is no question. `alike`: to given lines."""
    if not brief.knows or not may_ask(sentence, language):
        return None
    found: list[tuple[float, float, int]] = []
    for place, fact in enumerate(brief.knows):
        asked, less = alike(fact.asked), _otherwise(sentence, fact, language)
        goes_with = (max(asked) + sum(asked) / len(asked)) / 2 + ANSWER_SHARE * max(alike(fact.says)) - less
        found.append((goes_with, overall(asked) - less, place))
    (best, likeness, place), *others = sorted(found, reverse=True)
    ahead = best - others[0][0] if others else 0.0
    return FactAsked(brief.knows[place], likeness, best + ahead)


def told_when_asked(brief: RoleBrief, happened: Collection[str]) -> list[Fact]:
    """The facts that may be told by now. `happened`: the reactions of earlier turns."""
    return [fact for fact in brief.knows if all(key in happened for key in fact.needs.after)]


def _otherwise(sentence: str, fact: Fact, language: str) -> float:
    """How much less a sentence asks for this fact because of what it asks for, and how."""
    if _requests(sentence, language) and not any(_requests(line, language) for line in fact.asked):
        return NOT_REQUESTED  # "What if we begin with five hotels?" does not ask how many there are
    wanted, kinds = asked_for(sentence, language), {asked_for(line, language) for line in fact.asked}
    less = less_alike(sentence, fact.asked, language)
    if wanted in kinds:
        return less
    return less + (LOOSELY_ASKED if wanted in _LOOSE or kinds & _LOOSE else OTHERWISE_ASKED)


def _requests(sentence: str, language: str) -> bool:
    return act(sentence, language) == "request" and _TELL.search(sentence) is None


_LOOSE: frozenset[AskedFor] = frozenset({"other", "whether"})

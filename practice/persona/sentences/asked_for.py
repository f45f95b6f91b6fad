"""What kind of thing a question wants to know: a time, a reason, a person …, known by its words. Pure.

Sentence vectors take "How long have you worked here?" and "Why do you work here?" for nearly the same sentence.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from practice.lifecycle import Language
from practice.persona.sentences.dialogue_act import LINES_KEPT, asks

AskedFor = Literal[
    "reason", "when", "duration", "sum", "count", "age", "size", "place", "person", "verdict", "other", "whether"
]
"""`verdict`: how something was or went."""
GROUPS_KEPT = 8_192
"""The same as `LINES_KEPT`, for the lines of a reaction or fact together."""
LOOSE: frozenset[AskedFor] = frozenset({"verdict", "other", "whether"})
"""What asks what, how or whether may ask for anything."""

_LEAD = (
    r"(?:^|[,;] |\b(?:and|but|so|or|know|me|us|wonder|wondering|ask|remember|recall|say|said|sure|curious|about) )"
    r"(?:for |since |until |till |from |at |in |with |by |to )?"
)
_EN: Sequence[tuple[AskedFor, str]] = (
    ("reason", rf"{_LEAD}(?:why|how come|what made|what makes|what(?:['’]s| is| was) the reason)\b|\bwhat for\b"),
    ("duration", rf"{_LEAD}(?:how (?:long|many (?:more )?(?:years|months|weeks|days|hours|minutes))|since when)\b"),
    (
        "when",
        rf"{_LEAD}(?:how soon|when(?! [^,?]+,)|(?:what|which) (?:time|day|date|month|year|weekday))\b",
    ),
    ("sum", rf"{_LEAD}(?:how much|what (?:does|do|did|would|will) .{{1,30}} cost|what(?:['’]s| is| was) the price)\b"),
    ("count", rf"{_LEAD}how (?:many|often)\b"),
    ("age", rf"{_LEAD}how old\b"),
    ("size", rf"{_LEAD}how (?:far|big|tall|heavy|cold|warm|hot|loud|thick|wide)\b"),
    ("place", rf"{_LEAD}(?:where|(?:which|what) (?:street|road|town|city|village|country))\b"),
    ("person", rf"{_LEAD}(?:who|whose|whom)\b"),
    (
        "verdict",
        rf"{_LEAD}(?:how(?:['’]s| is| are| was| were)\b|how did [^?]+ go\b|what (?:was|were|is|are) [^?]+ like\b)",
    ),
    ("other", rf"{_LEAD}(?:what|which|how)\b"),
)
_ZH: Sequence[tuple[AskedFor, str]] = (
    ("reason", r"为(?:什么|啥|何)|干(?:嘛|吗|啥要)|怎么(?:不|没|会|就|想)|咋(?:不|没|会|就)|凭什么"),
    ("duration", r"多久|多长时间|多少(?:年|天|个月)|几(?:年|天|个(?:月|小时|星期|钟头))"),
    ("when", r"什么时候|啥时候|何时|几[点号月]|哪[天年月]|多少点"),
    ("sum", r"多少钱|多贵|什么价|啥价"),
    ("age", r"多大(?:年纪|岁数|了|$|[？?])|几岁|多少岁"),
    ("count", r"多少|几[个次回遍岁杯本斤块件双]"),
    ("size", r"多[大高远重冷热长]"),
    ("place", r"哪(?:里|儿|边)|在哪|去哪|什么地方|啥地方"),
    ("person", r"谁(?![都也])|哪位|什么人|啥人"),
    ("verdict", r"怎么样|咋样|怎样|如何"),
    ("other", r"什么|啥|怎么|咋|哪"),
)
_FORMS = {
    False: [(kind, re.compile(form, re.IGNORECASE)) for kind, form in _EN],
    True: [(kind, re.compile(form)) for kind, form in _ZH],
}


def asked_for(sentence: str, language: str) -> AskedFor:
    """What kind of thing a question wants to know.

    >>> asked_for("And how long have you been here?", "en"), asked_for("Were you angry when he left?", "en")
    ('duration', 'whether')
    """
    return _found(sentence, language)[0]


def all_asked_for(sentence: str, language: str) -> frozenset[AskedFor]:
    """The same where it asks for several things: "How was it, who did you go with?" """
    return _all_found(sentence, language)


@lru_cache(maxsize=LINES_KEPT)
def _all_found(sentence: str, language: str) -> frozenset[AskedFor]:
    return frozenset(_found(sentence, language))


@lru_cache(maxsize=LINES_KEPT)
def _found(sentence: str, language: str) -> Sequence[AskedFor]:
    """In the order of the words: of "What did they say when you moved it?" the first one counts."""
    forms = _FORMS[language == Language.CHINESE]
    places: dict[int, AskedFor] = {}
    for kind, form in forms:
        if match := form.search(sentence):
            places.setdefault(match.start(), kind)  # "how long" is no "how" besides
    return [places[at] for at in sorted(places)] or ["whether"]


def otherwise_asked(sentence: str, lines: Sequence[str], language: str) -> bool:
    """Whether a question plainly asks for a kind of thing that none of those of these lines that ask is about.

    >>> otherwise_asked("When is the meeting?", ["Who else knows?", "You know."], "en")
    True
    """
    wanted, kinds = asked_for(sentence, language), _plainly_asked(tuple(lines), language)
    return wanted not in LOOSE and bool(kinds) and wanted not in kinds


@lru_cache(maxsize=GROUPS_KEPT)
def _plainly_asked(lines: tuple[str, ...], language: str) -> frozenset[AskedFor]:
    return frozenset(asked_for(line, language) for line in lines if asks(line, language))

"""What kind of thing a question wants to know: a time, a reason, a person …, known by its words. Pure.

Sentence vectors take "How long have you worked here?" and "Why do you work here?" for nearly the same sentence.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from practice.lifecycle import Language
from practice.persona.dialogue_act import asks

AskedFor = Literal["reason", "time", "sum", "count", "size", "place", "person", "other", "whether"]
LOOSE: frozenset[AskedFor] = frozenset({"other", "whether"})
"""What asks what, how or whether may ask for anything."""

_LEAD = (
    r"(?:^|[,;] |\b(?:and|but|so|or|know|me|us|wonder|wondering|ask|remember|recall|say|said|sure|curious|about) )"
    r"(?:for |since |until |till |from |at |in |with |by |to )?"
)
_EN: Sequence[tuple[AskedFor, str]] = (
    ("reason", rf"{_LEAD}(?:why|how come|what made|what makes|what(?:['’]s| is| was) the reason)\b|\bwhat for\b"),
    (
        "time",
        rf"{_LEAD}(?:how (?:long|soon|many (?:more )?(?:years|months|weeks|days|hours|minutes))|when(?! [^,?]+,)"
        r"|(?:what|which) (?:time|day|date|month|year|weekday))\b",
    ),
    ("sum", rf"{_LEAD}(?:how much|what (?:does|do|did|would|will) .{{1,30}} cost|what(?:['’]s| is| was) the price)\b"),
    ("count", rf"{_LEAD}how (?:many|often)\b"),
    ("size", rf"{_LEAD}how (?:far|old|big|tall|heavy|cold|warm|hot|loud|thick|wide)\b"),
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
    ("sum", r"多少钱|多贵|什么价|啥价"),
    ("count", r"多少|几[个次回遍岁杯本斤块件双]"),
    ("size", r"多[大高远重冷热长]"),
    ("place", r"哪(?:里|儿|边)|在哪|去哪|什么地方|啥地方"),
    ("person", r"谁(?![都也])|哪位|什么人|啥人"),
    ("other", r"什么|啥|怎么|咋|哪"),
)
_FORMS = {
    False: [(kind, re.compile(form, re.IGNORECASE)) for kind, form in _EN],
    True: [(kind, re.compile(form)) for kind, form in _ZH],
}


@lru_cache(maxsize=8192)
def asked_for(sentence: str, language: str) -> AskedFor:
    """What kind of thing a question wants to know.

    >>> asked_for("And how long have you been here?", "en"), asked_for("Were you angry when he left?", "en")
    ('time', 'whether')
    """
    forms = _FORMS[language == Language.CHINESE]
    return next((kind for kind, form in forms if form.search(sentence)), "whether")


def otherwise_asked(sentence: str, lines: Sequence[str], language: str) -> bool:
    """Whether a question plainly asks for a kind of thing that none of those of these lines that ask is about.

    >>> otherwise_asked("When is the meeting?", ["Who else knows?", "You know."], "en")
    True
    """
    wanted = asked_for(sentence, language)
    kinds = {asked_for(line, language) for line in lines if asks(line, language)}
    return wanted not in LOOSE and bool(kinds) and wanted not in kinds

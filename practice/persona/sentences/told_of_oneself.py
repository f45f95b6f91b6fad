"""What somebody tells about themselves that asks to be taken up: a confession, a feeling, a reason. Pure."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from practice.lifecycle import Language

LINES_KEPT = 8_192

_CONFESSION_EN = re.compile(
    r"\b(?:my|all my|partly my) (?:own )?(?:fault|mistake)\b|\bi (?:messed|screwed|mucked)"
    r" (?:it |this |that |things )?up\b"
    r"|\b(?:that|it|this) was (?:really |so |very |just )?(?:cowardly|wrong|unfair|stupid|rude"
    r"|selfish|mean|dumb|thoughtless|silly) ?"
    r"(?:of me|from me)?[.!]?$|\bi was (?:wrong|unfair|rude|a coward|an idiot|stupid|selfish)\b"
    r"|\bi (?:should(?:n['’]t)? have|let you down|regret)\b|\bon me[.!]?$"
    r"|\bi(?:['’]m| am) (?:(?:so|very|really) )*(?:ashamed|sorry)\b",
    re.IGNORECASE,
)
_FEELING_EN = re.compile(
    r"\b(?:i(?:['’]m| am| was| feel| felt| got|['’]ve been)|it(?:['’]s| is| was| makes me| made me)) "
    r"(?:(?:a bit|a little|so|really|very|just|kind of|quite|pretty|still|honestly) )*"
    r"(?:scared|afraid|worried|sad|nervous|embarrassed|hurt|angry|tired|exhausted|lonely|upset|frightened|anxious"
    r"|lost"
    r"|awkward|hard|disappointed|stressed|overwhelmed|uncomfortable|torn|terrified|helpless)\b(?! of you)"
    r"|\b(?:that|it|this) (?:really |still )?(?:hurts?|stung|stings)\b|\bi can['’]t sleep\b",
    re.IGNORECASE,
)
_REASON_EN = re.compile(
    r"^(?:it['’]s |that['’]s )?(?:because|cause)\b|\bthat['’]s why\b"
    r"|^(?!.*\b(?:can|could|may) (?:i|we)\b).*\b(?:because(?! otherwise)|so that)\b"
    r"|^i (?:just |only |really )?need(?:ed)? (?:it|them|that)\b",
    re.IGNORECASE,
)

_CONFESSION_ZH = re.compile(
    r"(?:是|都是|也是|怪)我(?:的错|不好|不对|没|做得不)|怪我|我(?:也有|做|想)?(?:错了|不对)|我(?:都)?认(?=[，。！]|$)|我(?:挺|很|真)?(?:后悔|惭愧)|对不[住起]"
)
_FEELING_ZH = re.compile(
    r"我(?:也|就是|其实|真的?|有点儿?|很|挺|特别|心里|还是|觉得|好)*(?:难过|难受|害怕|怕|担心|紧张|累|委屈|生气|失望|尴尬|孤单|着急|伤心|不舒服)"
)
_REASON_ZH = re.compile(r"^(?:就?是)?因为|所以我|主要是")
_FORMS = {
    False: (_CONFESSION_EN, _FEELING_EN, _REASON_EN),
    True: (_CONFESSION_ZH, _FEELING_ZH, _REASON_ZH),
}


def told_of_oneself(sentence: str, language: str) -> Literal["confession", "feeling", "reason"] | None:
    """Which of them a sentence is.

    >>> told_of_oneself("That was my mistake.", "en"), told_of_oneself("我有点害怕", "zh")
    ('confession', 'feeling')
    """
    confession, feeling, reason = _FORMS[language == Language.CHINESE]
    if confession.search(sentence):
        return "confession"
    if feeling.search(sentence):
        return "feeling"
    return "reason" if reason.search(sentence) else None


_FIRST_PERSON = re.compile(r"\b(?:i|me|my|we|our|us|sorry)\b|我|咱|抱歉|不好意思", re.IGNORECASE)


def share_of_admissions(lines: Sequence[str], language: str) -> float:
    """How many of these lines admit a fault of the speaker's, from 0 to 1.

    >>> share_of_admissions(["That was my mistake.", "I covered for you."], "en")
    0.5
    """
    return sum(admits(line, language) for line in lines) / len(lines) if lines else 0.0


@lru_cache(maxsize=LINES_KEPT)
def admits(sentence: str, language: str) -> bool:
    """Whether the sentence admits a fault of the speaker's, by its words."""
    return told_of_oneself(sentence, language) == "confession"


def is_of_oneself(sentence: str) -> bool:
    """Whether it is about the speaker at all."""
    return _FIRST_PERSON.search(sentence) is not None

"""Recognises who sums up an agreement: one sentence gathers what each of the two will do. Pure."""

import re

from evaluations.local.sentence_forms import PAST, clause_commits, clauses, known, plain
from evaluations.transcript import sentences

GATHERED = frozenset({"sums-up", "says-who-does-what"})
"""Keys of shipped behaviours that are shown by saying what each of the two will do."""
_GATHERING = {
    "en": re.compile(
        r"^(?:(?:okay|ok|great|good|right|alright|all right|fine|well|perfect|um|uh|yeah|yes|and)[,.]? )*"
        r"(?:so|then)\b,?"
        r"(?! (?:if|what|how|why|when|do|does|can|could|would|are|is|did)\b)"
        r"(?! you(?:'re| are)? (?:want|think|mean|feel|know|said|say|see|just|never|always|understand|agree|can"
        r"|could)\b)",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^(?:好|行|嗯|那好|好的|成)?[，, ]?(?:那么?|所以|总之|就是说)(?!.*(?:怎么|什么|为什么|凭什么|要不|如果))"
    ),
}
"""How somebody begins who sums up."""
_CHINESE_TIME = re.compile(
    r"[\d一二三四五六七八九十半]+(?:点|号|月|天|次|分钟)|周[一二三四五六日末]|星期|礼拜|[明今后]天|[早晚]上"
)
_LEADS_IN = r"^(?:(?:and|so|then|okay|ok|well|um|uh|that|also|(?:by|on|from|until) \w+(?: on)?),? )*"
_BOTH = {
    "en": (
        re.compile(_LEADS_IN + r"you\b", re.IGNORECASE),
        re.compile(_LEADS_IN + r"(?:i|we)\b(?! (?:think|guess|mean|hope|know|suppose)\b)", re.IGNORECASE),
    ),
    "zh": (
        re.compile(r"^(?:那么?|好|所以|然后|就)*[你您](?![说看])"),
        re.compile(r"^(?:那么?|好|所以|然后|就)*我(?!觉得|想|知道|希望)"),
    ),
}
"""A clause about what the other person will do, and one about what oneself will do."""


def sums_up(text: str, language: str) -> bool:
    """Whether one sentence gathers what each of the two will do: “So you ask your sister, and I help you move.”"""
    spoken = known(language)
    return any(_gathers(sentence, spoken) for sentence in sentences.of(plain(text)) or [plain(text)])


def _gathers(sentence: str, language: str) -> bool:
    if not _GATHERING[language].search(sentence):
        return False
    told = [clause for clause in clauses(sentence, language) if not PAST[language].search(clause)]
    arranged = [clause for clause in told if clause_commits(clause, language)]
    if language == "zh" and any(_CHINESE_TIME.search(clause) for clause in told):
        arranged = told  # Chinese marks few verbs: with a time between them, both are arranged
    return all(any(subject.search(clause) for clause in arranged) for subject in _BOTH[language])

"""Recognises sentences that are only about the past: they cannot agree on a next step."""

import re

AHEAD = frozenset({"says-who-does-what", "says-by-when", "sums-up", "agrees-to-look-again", "covers-the-hard-case"})
"""Keys of the shipped behaviours about what will be done."""

_DAY = r"mon|tues|wednes|thurs|fri|satur|sun"
_PAST = {
    "en": re.compile(
        r"\b(?:was|were|had|did|didn['’]?t|came|got|went|took|made|kept|left|forgot|said|told|sent|gave|fell|ran|saw"
        rf"|[a-z]{{2,}}ed|ago|yesterday|last (?:week|month|year|time|night|(?:{_DAY})day))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"了|过|上(?:周|个?月|次|回|个?星期)|昨天|前天|那天|当时|刚才"),
}
_AHEAD = {
    "en": re.compile(
        r"\b(?:will|won['’]?t|shall|going to|gonna|would|could|can|should|must|need|let['’]?s|let us|agree\w*|plan|deal"
        r"|promise|from now on|next|tomorrow|tonight|until|till|if|whenever|each|every|again|so (?:you|we|i|it)"
        rf"|by (?:the|noon|end|tomorrow|next|\d+|(?:{_DAY})day))\b|['’]ll\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"会|要|将|下(?:周|次|回|个?月|个?星期)|明[天早晚年]|后天|今晚|以后|之后|之前|约|说好|那就|我来|你来|请|可以|能不能|行吗|好吗|每"
    ),
}


def is_past_only(text: str, language: str) -> bool:
    """Whether the sentence is about the past and nothing to come; False in doubt."""
    known = language if language in _PAST else "en"
    return bool(_PAST[known].search(text)) and not _AHEAD[known].search(text)

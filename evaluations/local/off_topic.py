"""Lines about something else altogether, of kinds that the detectors take for a behaviour. Pure.

They learnt from talks about the matter, but people who try the program out say such things: "What was the weather
like?" asks nobody how they felt.
"""

import re
from collections.abc import Mapping

_CONDOLENCE = r"\bsorry (?:to hear|for your loss)\b"
_OFF_TOPIC: Mapping[str, str] = {
    # Who sounds like somebody else feels nothing by it.
    "names-their-feeling": r"\bsounds? (?:just |a lot |exactly )?like (?:your|my|his|her|the|a)\b",
    "leaves-room": r"\bsit down on\b",
    "lets-it-land": r"\btake your (?:coat|bag|things|keys|umbrella|shoes|hat)\b",
    "takes-responsibility": _CONDOLENCE,
    "says-sorry-plainly": _CONDOLENCE,
    "asks-what-it-was-like": r"\bwhat(?:['’]s| is| was) the (?:weather|food|hotel|traffic|film|flight|beach) like\b",
    # A need is one of two if it is said of both.
    "names-both-needs": r"^(?!.*\b(?:i|i['’]\w+|me|my|we|we['’]\w+|us|our|both|each|same)\b)[^一-鿿]+$",
    "says-why-it-matters-to-them": r"^you deserve\b",
    # Of things to avoid: what somebody has, where it comes from, what is over.
    "makes-excuses": r"^(?:we|they|i) had (?:\w+ )?\w+s in the (?:old|new|last|other)\b",
    "uses-force": r"\b(?:is|are|was|comes|came) from [a-z]+\W*$",
    "decides-alone": r"给了小|\bwas already (?:over|full|gone|shut|closed)\b",
    "checks-it": r"下雨|天气",
    "says-no-plainly": r"没(?:借|买|找|赶|排)到",
}
_PATTERNS = {key: re.compile(each, re.IGNORECASE) for key, each in _OFF_TOPIC.items()}


def is_off_topic(key: str, text: str) -> bool:
    """Whether a piece is about something else than what the shipped behaviour `key` looks for."""
    found = _PATTERNS.get(key)
    return found is not None and found.search(text.strip()) is not None

"""Lines about something else altogether, of kinds that the detectors take for a behaviour. Pure.

They learnt from talks about the matter, but people who try the program out say such things: "What was the weather
like?" asks nobody how they felt.
"""

import re
from collections.abc import Mapping

_CONDOLENCE = r"\bsorry (?:to hear|for your loss)\b"
_OFF_TOPIC: Mapping[str, str] = {
    "leaves-room": r"\bsit down on\b",
    "lets-it-land": r"\btake your (?:coat|bag|things|keys|umbrella|shoes|hat)\b",
    "takes-responsibility": _CONDOLENCE,
    "says-sorry-plainly": _CONDOLENCE,
    "asks-what-it-was-like": r"\bwhat(?:['’]s| is| was) the (?:weather|food|hotel|traffic|film|flight|beach) like\b",
    # A need is one of two if it is said of both.
    "names-both-needs": r"^(?!.*\b(?:i|i['’]\w+|me|my|we|we['’]\w+|us|our|both|each|same)\b)[^一-鿿]+$",
    "says-what-they-ask-for": r"^i['’]ll take over\b|^(?:my|our|the|your) \w+ wants\b",
    "gives-results": r"\byou said no\b",
    # Of things to avoid: what somebody else may know, has, or comes from,
    "says-maybe": r"^maybe (?!(?:i|we|you|it|that|this|later|next|another)\b|some)\w+ (?:knows|has|saw|took)\b",
    "makes-excuses": r"^(?:we|they|i) had (?:\w+ )?\w+s in the (?:old|new|last|other)\b",
    "uses-force": r"\b(?:is|are|was|comes|came) from [a-z]+\W*$",
    "stays-vague": r"看情况是",
    "decides-alone": r"给了小",
    "checks-it": r"下雨|天气",
    "asks-for-more": r"下雨|天气",
}
_PATTERNS = {key: re.compile(each, re.IGNORECASE) for key, each in _OFF_TOPIC.items()}


def is_off_topic(key: str, text: str) -> bool:
    """Whether a piece is about something else than what the shipped behaviour `key` looks for."""
    found = _PATTERNS.get(key)
    return found is not None and found.search(text.strip()) is not None

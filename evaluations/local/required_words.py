"""What the words of a piece must hold before it can show certain behaviours, whatever it is like in meaning. Pure.

A question asks, a figure is a number: where neither stands in a piece, likeness to lines that have one proves nothing.
Wide on purpose: recognised speech has few question marks.
"""

import re

_ASKS = {
    "en": re.compile(
        r"\?|\b(?:what|how|when|where|who|which|why|whether|(?:can|could|will|would|do|did|does|are|is|was|were|have"
        r"|shall|may|should) (?:you|i|we|that|this|it|there|they|he|she)|tell me|help me|hear|listen|know"
        r"|understand|your (?:side|view|version|answer|take)|yes|right|okay|ok|deal|agree\w*|isn['’]t|don['’]t you)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[?？]|吗|呢|吧|么|什么|啥|怎|哪|谁|几|多少|多久|(.)不\1|可不可以|有没有|说|讲|听|聊|答应|同意"),
}
_INVITES = {
    "en": re.compile(
        r"\?|\b(?:tell|go (?:on|ahead)|more|listen\w*|hear|time|what|how|say|keep|continue|talk|carry on|else|then)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[?？]|说|讲|听|聊|什么|呢|吗|还有|接着|后来|然后|慢慢|多久"),
}
_COUNTS = {
    "en": re.compile(
        r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty"
        r"|seventy|eighty|ninety|hundreds?|thousands?|per ?cent|half|third|quarter|once|twice|double\w*|dozens?|first"
        r"|second|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august"
        r"|september|october|november|december|year|month|week|day|night|hour|minute)s?\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[\d一二三四五六七八九十百千万两半几零]|百分|倍"),
}
_NEEDS = {
    **dict.fromkeys(
        (
            *("asks-how-they-see-it", "checks-understanding", "asks-openly", "follows-up", "asks-for-their-view"),
            *("asks-what-they-need", "asks-for-an-answer", "invites-a-reply", "asks-for-the-need", "checks-it"),
            *("asks-what-it-was-like", "asks-for-a-yes", "accuses-by-asking"),
        ),
        _ASKS,
    ),
    **dict.fromkeys(("invites-more", "asks-for-more"), _INVITES),
    "gives-figures": _COUNTS,
}
"""By the keys of the shipped behaviours."""


def may_show(key: str, text: str, language: str) -> bool:
    """False where this piece cannot show the behaviour."""
    needed = _NEEDS.get(key)
    return needed is None or bool(needed[language if language in needed else "en"].search(text))

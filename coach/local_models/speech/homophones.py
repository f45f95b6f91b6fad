"""Spelling that a recogniser gets wrong because two words sound the same. English only.

“Your lazy and everybody knows it” is about a person, not about a lazy something: whoever reads the transcript, a person
or a program, would take it for something else.
"""

import re

_NEVER_OWNED = (
    r"(?:not|so|too|always|never|really|such|a|an|the|still|already|probably|going to|kidding|joking|lying|"
    r"very (?!own|best|first|last))"
)
_OF_A_PERSON = (
    r"(?:lazy|late|wrong|rude|mean|selfish|useless|hopeless|pathetic|stupid|incompetent|unreliable|unfair|careless"
    r"|ridiculous|crazy|fired|welcome|sure|sorry|okay|fine|mad|angry|upset|tired|worried|sad|scared|hurt|disappointed"
    r"|stressed|exhausted|overwhelmed|busy|good|great|brilliant|amazing|kind|free|ready|able|allowed|supposed|done|gone"
    r"|early|alone|ill|sick|drunk)"
)
_ENDS = r"(?=[,.!?;]|$)"
_GOES_ON = (
    r"(?= (?:and|but|or|because|that|when|if|with|to|about|for|at|again|too|now|today|tonight|once|more|every)\b"
    r"|[,.!?;]|$)"
)
_YOUR = re.compile(
    rf"\b([Yy])our(?= (?:{_NEVER_OWNED}(?![\w-])|{_OF_A_PERSON}{_GOES_ON}|right(?: about\b|{_ENDS})))",
)


def respelled(text: str) -> str:
    """The text with “you're” where “your” cannot be meant.

    >>> respelled("Your lazy, and if your late once more, your report is not worth your time.")
    "You're lazy, and if you're late once more, your report is not worth your time."
    """
    return _YOUR.sub(r"\1ou're", text)

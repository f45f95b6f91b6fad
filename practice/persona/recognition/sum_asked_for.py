"""Recognises a sum or a share that is asked for by its form: "I want to go to 62000", "62k", "five percent more". Pure.

Figures are like each other whatever they are about, so form and state decide, as for days (`time_proposal`).
"""

import re
from collections.abc import Collection

from practice.persona.brief.locked_reactions import only_one_waiting_for
from practice.persona.brief.role_brief import Reaction, RoleBrief

LONGEST_WORDS = 18

_DIGITS = r"one|two|three|four|five|six|seven|eight|nine"
_ONES = (
    rf"(?:{_DIGITS}|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    rf"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:[- ](?:{_DIGITS}))?)"
)
_SUM = re.compile(
    rf"\b\d{{2,3}}[ ,.]?\d{{3}}\b|\b\d+(?:[.,]\d+)? ?k\b|\b\d{{3,6}}\b|\b(?:\d+(?:[.,]\d+)?|{_ONES}) ?(?:%"
    rf"|per ?cent\b|pro ?cent\b)"
    rf"|\b(?:a|{_ONES}) (?:hundred|thousand)s?\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:want|like|ask(?:ing)?|need|have in mind|thinking of|looking for|expect|hoping for|raise"
    r"|go(?:ing)? (?:up )?to|to get"
    r"|back|owe|lent|propose|suggest|fair|my (?:figure|number))\b|^(?:(?:so|um|uh|well|okay|say|about|maybe"
    r"|make it)[, ]+)*\S+"
    r"(?: \S+){0,2}(?: more| a year| back)?[.?!]*$",
    re.IGNORECASE,
)
_OF_SOMETHING_ELSE = re.compile(
    r"\b(?:clients?|accounts?|customers?|brought|brings?|worth|revenue|contract|advertis\w+|elsewhere|market"
    r"|comparable|other"
    r" (?:companies|people)|rent|bike|lisbon|savings|last (?:year|week)|earn now|grew|grown|inflation)\b",
    re.IGNORECASE,
)
_WAITS_FOR_SUM = re.compile(r"\b(?:figure|percentage|with the sum)\b")


def asks_for_sum(sentence: str) -> bool:
    """Whether it names a sum that somebody wants to have.

    >>> [asks_for_sum(each) for each in ("I want to go to 62k.", "Five percent more.", "A client worth 140,000.")]
    [True, True, False]
    """
    return bool(
        len(sentence.split()) <= LONGEST_WORDS
        and _SUM.search(sentence)
        and _ASKED.search(sentence)
        and not _OF_SOMETHING_ELSE.search(sentence)
    )


def awaiting_sum(brief: RoleBrief, happened: Collection[str]) -> Reaction | None:
    """The reaction that a sum calls for now: it meets an end criterion and what it needs has happened."""
    return only_one_waiting_for(_WAITS_FOR_SUM, brief, happened)

"""Joins the lines that a persona says in one turn, so that they sound like one person. Pure."""

import re
from collections.abc import Sequence

_QUESTION_AT_THE_END = re.compile(r"(?<=[.!。！…])\s*[^.!?。！？…]*[?？]”?\s*$")
"""A line's last sentence, if it asks something and others stand before it."""
_ACCEPTS = re.compile(
    r"^(?:(?:yes|yeah|yep|okay|ok|all right|alright|sure|of course|fine|agreed|deal|good|right)\b[,.!… ]+)+"
    r"|^(?:(?:行|好|成|可以|没问题|对)(?:啊|吧|的|嘞|呀|了)?[，。！,!…]+)+",
    re.IGNORECASE,
)
"""The words that a line accepts with."""


def joined(lines: Sequence[str]) -> str:
    """What a line asks at its end is left out if another follows: nobody asks “And what now?” and agrees in one breath,
    nor says “Of course” twice.

    Chinese sentences are joined without a space.
    """
    text = ""
    for line in [*(_QUESTION_AT_THE_END.sub("", line) for line in lines[:-1]), lines[-1]]:
        if _ACCEPTS.match(text):
            line = _without_accepting(line)  # noqa: PLW2901 - the rest of the line
        if text.endswith("…"):  # one pause is enough
            pause = " " if line.lstrip("…")[:1].isascii() else ""
            text += pause + line.lstrip("…")
        elif line:
            text += ("" if not text or text[-1] in "。！？”" else " ") + line
    return text


def _without_accepting(line: str) -> str:
    """
    >>> _without_accepting("Yes, of course. Here's your money."), _without_accepting("Deal.")
    ("Here's your money.", '')
    """
    rest = _ACCEPTS.sub("", f"{line} ").strip()
    return rest[:1].upper() + rest[1:]

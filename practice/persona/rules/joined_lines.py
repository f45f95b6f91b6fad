"""Joins the lines that a persona says in one turn, so that they sound like one person."""

import re
from collections.abc import Sequence

_QUESTION_AT_THE_END = re.compile(r"(?<=[.!。！…])\s*[^.!?。！？…]*[?？]”?\s*$")
"""A line's last sentence, if it asks something and others stand before it."""


def joined(lines: Sequence[str]) -> str:
    """What a line asks at its end is left out if another follows: nobody asks “And what now?” and agrees in one breath.

    Chinese sentences are joined without a space.
    """
    text = ""
    for line in [*(_QUESTION_AT_THE_END.sub("", line) for line in lines[:-1]), lines[-1]]:
        if text.endswith("…"):  # one pause is enough
            pause = " " if line.lstrip("…")[:1].isascii() else ""
            text += pause + line.lstrip("…")
        else:
            text += ("" if not text or text[-1] in "。！？”" else " ") + line
    return text

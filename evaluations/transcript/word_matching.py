"""Compares words as a listener does: case, punctuation and white space do not count, in any script."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

# Each Han or kana character is a word; in other scripts a word is letters, digits and inner apostrophes.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"|(?:(?![\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[^\W_])+"
    r"(?:['\u2018\u2019\u02bc][^\W_]+)*"
)
_APOSTROPHES = str.maketrans("", "", "'\u2018\u2019\u02bc")
# PostgreSQL stores no NUL, and a lone surrogate cannot be sent as UTF-8.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")

DAYS_AND_MONTHS = frozenset(
    [
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        *("january", "february", "march", "april", "june", "july", "august"),
        *("september", "october", "november", "december"),
    ]
)
"""English ones, in lower case; without May, which is a verb far more often."""


class _Word(NamedTuple):
    text: str
    start: int
    end: int


def clean(text: str) -> str:
    """Normalise text from outside for storage: storable, composed (NFC), without surrounding white space."""
    return unicodedata.normalize("NFC", _UNSTORABLE.sub("", text)).strip()


def tokens(text: str) -> list[str]:
    """The words of `text`, normalised for comparison."""
    return [word.text for word in _words(clean(text))]


def find(quote: str, line: str) -> str | None:
    """The words of `line` that `quote` repeats, verbatim from `line`; None if it does not contain them."""
    quote, line = clean(quote), clean(line)
    wanted = [word.text for word in _words(quote)]
    if not wanted:
        return None
    said = _words(line)
    for at in range(len(said) - len(wanted) + 1):
        if all(said[at + offset].text == word for offset, word in enumerate(wanted)):
            return quote if quote in line else line[said[at].start : said[at + len(wanted) - 1].end]
    return None


def marked(text: str, ranges: Sequence[Sequence[int]], marks: tuple[str, str]) -> str:
    """`text` with `marks` around each run of whole words that one of these (start, end) ranges touches.

    >>> marked("Layness sat here", [(0, 3), (8, 11)], ("{", "}"))
    '{Layness sat} here'
    """
    runs: list[list[int]] = []
    in_run = False
    for word in _words(text):
        touched = any(start < word.end and word.start < end for start, end in ranges)
        if touched and in_run:
            runs[-1][1] = word.end
        elif touched:
            runs.append([word.start, word.end])
        in_run = touched
    for start, end in reversed(runs):
        text = f"{text[:start]}{marks[0]}{text[start:end]}{marks[1]}{text[end:]}"
    return text


def ranges_in(text: str, original: str, ranges: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Where the words that these ranges of `original` touch stand in `text`, which has the same words."""
    return [
        (there.start, there.end)
        for here, there in zip(_words(original), _words(text), strict=False)
        if any(start < here.end and here.start < end for start, end in ranges)
    ]


def _words(text: str) -> list[_Word]:
    return [
        _Word(
            unicodedata.normalize("NFKC", match.group()).casefold().translate(_APOSTROPHES), match.start(), match.end()
        )
        for match in _WORD.finditer(text)
    ]

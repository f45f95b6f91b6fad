"""Text rules for any script: what is visible, and what a search treats as equal.

Stored text is never changed here.
"""

import re
import unicodedata

# Default_Ignorable_Code_Point, White_Space and Cc of Unicode 16, and the blank Braille cell. They are literal
# characters, so that Python's and PostgreSQL's regular expressions read the class alike; NUL is left out, because no
# database can store it.
_INVISIBLE_RANGES = (
    (0x0001, 0x0020), (0x007F, 0x00A0), (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160),
    (0x1680, 0x1680), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F),
    (0x2800, 0x2800), (0x3000, 0x3000), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
_INVISIBLE = "".join(f"{chr(first)}-{chr(last)}" for first, last in _INVISIBLE_RANGES)

VISIBLE = f"[^{_INVISIBLE}]"
"""A regular expression that matches a visible character, also for `__regex` lookups."""

_VISIBLE = re.compile(VISIBLE)
_SPACES = re.compile(r"[\s\u200b\u2060\ufeff]+")
_IGNORED = re.compile(f"[{_INVISIBLE}\0]")
_LATIN_MARKS = re.compile("[\u0300-\u036f]")
# People type the plain form of what authors typeset: ’ “ ” – and the dotless ı of Turkish capitals.
_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "ı": "i"}
)


def is_blank(text: str | None) -> bool:
    """Whether nothing in it is visible: empty, or only spaces of any kind, zero-width and control characters."""
    return not text or _VISIBLE.search(text.replace("\0", "")) is None


def same(one: str, other: str) -> bool:
    """Whether two texts have the same characters, however composed, ignoring surrounding space."""
    return unicodedata.normalize("NFC", one).strip() == unicodedata.normalize("NFC", other).strip()


def folded(text: str) -> str:
    """The normalised form in which a search compares texts.

    Case, accents on Latin, Greek and Cyrillic letters, composed or decomposed, full or half width, the kind and number
    of spaces, typographic quotes and dashes, and invisible joiners make no difference.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    spaced = _SPACES.sub(" ", _LATIN_MARKS.sub("", decomposed))
    words = [_IGNORED.sub("", word) for word in spaced.split(" ")]
    return unicodedata.normalize("NFKC", " ".join(filter(None, words))).translate(_PLAIN)

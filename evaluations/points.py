"""The best description of a rubric, taken apart into the single things that somebody does or does not do."""

import re

# What somebody could say, in brackets in an anchor.
_EXAMPLE = re.compile(r"\s*[(（]\s*[“\"「][^()（）]*[)）]")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_MARK = re.compile(r"[;；，,]\s*")
_JOINING = re.compile(r"^(?:and|or|but|then)\s+|^(?:并且|而且|并|且)")
_HAN = re.compile(r"[\u4e00-\u9fff]")
# "says why", "does not return blame": a thing of its own; "who and when" belongs to what precedes it.
_DOES = re.compile(r"^[a-z]+s\b")

_COMMA = {",": ", ", "，": "，", ";": "; ", "；": "；"}

POINTS_MAX = 6


def of(anchor: str) -> list[str]:
    """One line each, in the anchor's words and order; the examples in it are left out."""
    text = " ".join(_EXAMPLE.sub("", anchor).split()).rstrip(".。")
    hidden = _BRACKETS.sub(lambda found: "\0" * len(found.group()), text)
    found: list[str] = []
    begun = 0
    for mark in [*_MARK.finditer(hidden), None]:
        part = text[begun : mark.start() if mark else len(text)].strip()
        joint = text[begun - 2 : begun].strip()[-1:] if begun else ""
        if found and not _stands_alone(part, joint):
            found[-1] = f"{found[-1]}{_COMMA[joint]}{part}"
        elif part:
            found.append(_bare(part))
        begun = mark.end() if mark else begun
    return found[:POINTS_MAX]


def _stands_alone(part: str, joint: str) -> bool:
    if _HAN.search(part):
        return not part.startswith("而不")
    return joint in ";；" or bool(_DOES.match(_bare(part)))


def _bare(part: str) -> str:
    return _JOINING.sub("", part)

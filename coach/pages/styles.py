"""The style sheets: one file per component in `static/css`; collected into one for all pages and one per place.

A place is a page or a family of pages. Files that a place lists are loaded there only; every other file is loaded
everywhere.
"""

import re
from collections.abc import Iterable
from fnmatch import fnmatch

TOGETHER = "css/site.css"
"""The styles of every page in one file; like the files of places, it exists only after collecting."""

PLACES = {
    "api": ("api",),
    "attempts": ("attempts", "behaviour-kind", "compare", "pagination"),
    "catalog": ("catalog", "demand", "onboarding", "microphone", "pagination", "scenario-card"),
    "feedback": ("after", "choice", "evaluation*", "print-session", "room-script", "rubric", "skeleton", "strip"),
    "history": ("history", "pagination"),
    "own-data": ("own-data",),
    "progress": ("demand", "progress*", "scenario-card"),
    "room": ("choice", "room*"),
    "scenario": ("behaviour-kind", "choice", "demand", "doorway", "microphone", "rubric", "scenario"),
    "session": ("play-through", "session-page"),
    "skill": ("behaviour-kind", "progress*"),
}
"""File names without extension, or patterns."""

_COMMENT_OR_STRING = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""", re.S)
_WHITE_SPACE = re.compile(r"\s+")
_OPTIONAL_SPACE = re.compile(r" ?([{};,]) ?|(:) ")
_FIRST = ("css/tokens.css", "css/base.css", "css/layout.css")


def in_order(names: Iterable[str]) -> list[str]:
    """The names of style sheets, starting with those that others build on."""
    names = set(names) - {TOGETHER, *map(of_place, PLACES)}
    return [*(name for name in _FIRST if name in names), *sorted(names - set(_FIRST))]


def of_place(place: str) -> str:
    """The file with the styles that only this place needs."""
    return f"css/place-{place}.css"


def everywhere(names: Iterable[str]) -> list[str]:
    """The style sheets that do not belong to a place."""
    return in_order(name for name in names if not any(_belongs(name, place) for place in PLACES))


def only_at(place: str, names: Iterable[str]) -> list[str]:
    return in_order(name for name in names if _belongs(name, place))


def _belongs(name: str, place: str) -> bool:
    stem = name.removeprefix("css/").removesuffix(".css")
    return any(fnmatch(stem, pattern) for pattern in PLACES[place])


def as_served(css: str) -> str:
    """The style sheet as it is served: without comments, line breaks and optional spaces, a quarter fewer bytes.

    Strings are kept as they are. Spaces before a colon are kept too: in a selector they mean "inside".
    """
    strings = [found[0] for found in _COMMENT_OR_STRING.finditer(css) if not found[0].startswith("/*")]
    code = _COMMENT_OR_STRING.sub(lambda found: "" if found[0].startswith("/*") else '""', css)
    code = _OPTIONAL_SPACE.sub(r"\1\2", _WHITE_SPACE.sub(" ", code)).replace(";}", "}").strip()
    kept = iter(strings)
    return re.sub('""', lambda _: next(kept), code)

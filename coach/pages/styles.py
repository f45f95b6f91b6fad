"""The style sheets: one file per component in `static/css`; once collected one for all pages and one per place.

A place is a page or a family of pages. What a place lists is loaded there alone; every other file is loaded everywhere.
"""

from collections.abc import Iterable
from fnmatch import fnmatch

TOGETHER = "css/site.css"
"""What every page has, in one file; exists only where files were collected, as do the files of places."""

PLACES = {
    "api": ("api",),
    "attempts": ("attempts", "history"),
    "catalog": ("catalog", "onboarding", "microphone"),
    "feedback": ("after", "evaluation*", "print-session", "room-script", "strip"),
    "history": ("history",),
    "progress": ("catalog", "history", "progress"),
    "room": ("room*",),
    "scenario": ("microphone", "scenario"),
}
"""Files without ending, or patterns of them."""

_FIRST = ("css/tokens.css", "css/base.css", "css/layout.css")


def in_order(names: Iterable[str]) -> list[str]:
    """The names of style sheets, the ones that the others build on first."""
    names = set(names) - {TOGETHER, *map(of_place, PLACES)}
    return [*(name for name in _FIRST if name in names), *sorted(names - set(_FIRST))]


def of_place(place: str) -> str:
    """The file that holds what a place alone needs."""
    return f"css/place-{place}.css"


def everywhere(names: Iterable[str]) -> list[str]:
    """Those of the style sheets that no place keeps to itself."""
    return in_order(name for name in names if not any(_belongs(name, place) for place in PLACES))


def only_at(place: str, names: Iterable[str]) -> list[str]:
    return in_order(name for name in names if _belongs(name, place))


def _belongs(name: str, place: str) -> bool:
    stem = name.removeprefix("css/").removesuffix(".css")
    return any(fnmatch(stem, pattern) for pattern in PLACES[place])

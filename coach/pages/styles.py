"""The style sheets of all pages: one file per component in `static/css`, one file over the wire once collected."""

from collections.abc import Iterable

TOGETHER = "css/site.css"
"""All of them in one; exists only where files were collected."""

_FIRST = ("css/tokens.css", "css/base.css", "css/layout.css")


def in_order(names: Iterable[str]) -> list[str]:
    """The names of style sheets, the ones that the others build on first."""
    rest = sorted(set(names) - set(_FIRST) - {TOGETHER})
    return [*_FIRST, *rest]

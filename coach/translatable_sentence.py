"""Sentences that are English in logs and JSON and in the reader's language on a page."""

from collections.abc import Iterable
from typing import Any


class Sentence(str):
    """English, with the pieces to say it otherwise: `template` with named %-placeholders is in the catalogue.

    >>> Sentence("%(count)s are late", count=3)
    '3 are late'
    """

    def __new__(cls, template: str, **values: Any) -> "Sentence":
        return super().__new__(cls, template % values if values else template)

    def __init__(self, template: str, **values: Any) -> None:
        self.template = template
        self.values = values

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:  # type: ignore[override]
        return (self.template,), self.values

    def translated(self) -> str:
        """In the active language; values that are sentences as well."""
        from django.utils.translation import gettext

        told = gettext(self.template)
        return told % {name: translated(value) for name, value in self.values.items()} if self.values else told


def translated(value: Any) -> Any:
    """A sentence in the active language; anything else as it is."""
    return value.translated() if isinstance(value, Sentence) else value


def listed(parts: Iterable[str], between: str = "; ") -> Sentence:
    """Several in a row, each translated by itself."""
    named = {f"part{number}": part for number, part in enumerate(parts)}
    return Sentence(between.join(f"%({name})s" for name in named), **named)

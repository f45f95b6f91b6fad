"""The behaviours on a skill's form: one row each, read into the seed format and checked by the same rules."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError as ShapeFaults

from practice.catalog import behaviours
from practice.catalog.behaviours import FEWEST, KEY_MAX, MOST, BehaviourKind

OMITTED = object()
"""The form's value if the page did not show the behaviours at all."""

WORDS = {
    "string_too_short": gettext_lazy("Fill this in."),
    "missing": gettext_lazy("Fill this in."),
    "too_short": gettext_lazy("Write at least one line."),
    "too_long": gettext_lazy("At most %(max_length)d lines, please."),
    "string_too_long": gettext_lazy("At most %(max_length)d characters a line, please."),
    "key": gettext_lazy("A key may hold letters, digits and single hyphens, such as names-the-event."),
}


SPARE = 2
"""Empty rows to write in; saving brings new ones."""


class BehavioursWidget(forms.Widget):
    """A row for each behaviour and a few empty ones, as far as a skill may have more. `faults`: by row and field."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs)
        self.faults: dict[tuple[int, str], list[str]] = {}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        given = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
        shown = min(MOST, max(FEWEST, len(given)) + SPARE)
        rows = [self._row(name, place, given[place] if place < len(given) else {}) for place in range(shown)]
        context = {"rows": rows, "fewest": FEWEST, "most": MOST, "written": len(given)}
        return mark_safe(render_to_string("admin/desk/behaviours.html", context))  # noqa: S308 (a template of ours)

    def _row(self, name: str, place: int, one: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "number": place + 1,
            "prefix": f"{name}-{place}",
            "key": one.get("key", ""),
            "text": one.get("text", ""),
            "kind": one.get("kind", BehaviourKind.DO.value),
            "shown": "\n".join(one.get("shown") or []),
            "not_shown": "\n".join(one.get("notShown") or []),
            "faults": {field: said for (row, field), said in self.faults.items() if row == place},
        }

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-0-text" not in data

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """In the seed format. An empty key is generated from the text."""
        if self.value_omitted_from_data(data, files, name):
            return OMITTED
        rows = [_read_row(data, f"{name}-{place}") for place in range(MOST)]
        return [row for row in rows if row]


class BehavioursField(forms.Field):
    widget = BehavioursWidget

    def clean(self, value: Any) -> Any:
        """The behaviours as stored; OMITTED stays OMITTED."""
        if value is OMITTED:
            return OMITTED
        try:
            return behaviours.read(value)
        except ShapeFaults as found:
            places: dict[tuple[int, str], list[str]] = {}
            whole: list[str] = []
            for fault in found.errors():
                words = str(WORDS.get(fault["type"], fault["msg"]))
                words = words % fault.get("ctx", {}) if "%(" in words else words
                if len(fault["loc"]) > 1 and isinstance(fault["loc"][0], int):
                    places.setdefault((fault["loc"][0], str(fault["loc"][1])), []).append(words)
                else:
                    whole.append(words)
            self.widget.faults = places
            if places:
                whole.append(_("Each problem is shown beside its behaviour (%d).") % sum(map(len, places.values())))
            raise ValidationError(whole) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return data is not OMITTED and data != initial


def _read_row(data: Any, prefix: str) -> dict[str, Any]:
    text = data.get(f"{prefix}-text", "").strip()
    lines = {field: _lines(data.get(f"{prefix}-{field}")) for field in ("shown", "notShown")}
    if data.get(f"{prefix}-DELETE") or not (text or any(lines.values())):
        return {}
    key = data.get(f"{prefix}-key", "").strip() or slugify(text, allow_unicode=True)[:KEY_MAX].strip("-_")
    return {"key": key, "text": text, "kind": data.get(f"{prefix}-kind") or BehaviourKind.DO.value, **lines}


def _lines(text: Any) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]

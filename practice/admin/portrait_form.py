"""The portrait on a scenario's form: a choice for each part of a look, and the resulting picture."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from pydantic.alias_generators import to_camel

from practice.portraits.address import address
from practice.portraits.looks import CHOICES, value_of
from practice.portraits.words import NAMES, VALUES


class PortraitWidget(forms.Widget):
    """Selects named `<field>-<part>`, and the picture, which updates with them (static/desk/portrait.js)."""

    class Media:
        js = ("desk/portrait.js",)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        said = value if isinstance(value, Mapping) else {}
        rows = [
            {
                "id": f"id_{name}-{part}",
                "name": f"{name}-{part}",
                "key": to_camel(part),
                "label": NAMES[part],
                "chosen": value_of(part, said),
                "choices": [(each, VALUES[each]) for each in values],
            }
            for part, values in CHOICES.items()
        ]
        context = {
            "name": name,
            "rows": rows,
            "picture": address(said),
            "look_at": reverse("admin:practice_scenario_portrait"),
        }
        return mark_safe(render_to_string("admin/desk/portrait.html", context))  # noqa: S308 - our own template

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str] | None:
        if not any(f"{name}-{part}" in data for part in CHOICES):
            return None
        return {to_camel(part): value for part in CHOICES if (value := data.get(f"{name}-{part}"))}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(f"{name}-{part}" in data for part in CHOICES)

    def id_for_label(self, id_: str) -> str:
        return ""  # its choices are folded away


class PortraitField(forms.Field):
    """`portrait` data; parts that the page did not show stay as they are."""

    widget = PortraitWidget

    def clean(self, value: Any) -> dict[str, str] | None:
        if value is None:
            return None
        known = {to_camel(part): values for part, values in CHOICES.items()}
        for part, chosen in value.items():
            if chosen not in known[part]:
                raise forms.ValidationError(_("Choose one of the values listed."), code="invalid_choice")
        return dict(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return data is not None and data != initial

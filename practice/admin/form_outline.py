"""The outline of a long form: a link to each of its parts, with the fields that it needs before it can be published."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import flatten

from practice.catalog import completeness

NEEDED = frozenset({"title", "name", "category", *completeness.ATTRIBUTES.values()})


@dataclass(frozen=True)
class FormPart:
    """`anchor`: the id of its heading. `needs`: the ids of fields that must not stay empty."""

    name: str
    anchor: str
    needs: tuple[str, ...] = ()


def parts(fieldsets: Iterable[Any], formsets: Iterable[Any]) -> list[FormPart]:
    """The parts in the order of the page, which shows the rows of the inlines before the last two fieldsets."""
    groups = [
        FormPart(
            name=str(fieldset.name),
            anchor=f"fieldset-0-{number}-heading",  # Django's id
            needs=tuple(
                f"id_{name}" for name in flatten(fieldset.fields) if name in NEEDED and name in fieldset.form.fields
            ),
        )
        for number, fieldset in enumerate(fieldsets)
        if fieldset.name
    ]
    rows = [
        FormPart(
            name=str(each.opts.outline_name), anchor=f"{each.formset.prefix}-heading", needs=(each.formset.prefix,)
        )
        for each in formsets
    ]
    return [*groups[:-2], *rows, *groups[-2:]]

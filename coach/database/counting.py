"""Counts the rows of several querysets in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, IntegerField, Min, Q, QuerySet, Value, When


@dataclass(frozen=True)
class RowCount:
    """What to count.

    `since`: the column whose earliest value is `Found.oldest`. `late`: which of the rows are counted apart.
    """

    rows: "QuerySet[Any]"
    since: str
    late: Q | None = None


@dataclass(frozen=True)
class Found:
    count: int = 0
    late: int = 0
    oldest: datetime | None = None


def count(counts: Mapping[str, RowCount]) -> dict[str, Found]:
    """The result of each count by its name; one statement for all of them, none if there are no counts."""
    asked = [_aggregate(name, wanted) for name, wanted in counts.items()]
    if not asked:
        return {}
    rows = asked[0].union(*asked[1:], all=True) if asked[1:] else asked[0]
    found = {name: Found(number, late, oldest) for name, number, late, oldest in rows}
    # A count that finds nothing has no row.
    return {name: found.get(name, Found()) for name in counts}


def _aggregate(name: str, wanted: RowCount) -> "QuerySet[Any]":
    late = Value(0, IntegerField()) if wanted.late is None else Count(Case(When(wanted.late, then=Value(1))))
    return (
        wanted.rows.order_by()
        .values(asked=Value(name, CharField()))
        .annotate(number=Count("*"), late_number=late, oldest=Min(wanted.since))
        .values_list("asked", "number", "late_number", "oldest")
    )

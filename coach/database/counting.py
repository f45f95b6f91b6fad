"""How many rows several questions find, asked in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, IntegerField, Min, Q, QuerySet, Value, When


@dataclass(frozen=True)
class Question:
    """`since`: the column whose earliest value is `Found.oldest`. `late`: which of the rows are counted apart."""

    rows: "QuerySet[Any]"
    since: str
    late: Q | None = None


@dataclass(frozen=True)
class Found:
    count: int = 0
    late: int = 0
    oldest: datetime | None = None


def count(questions: Mapping[str, Question]) -> dict[str, Found]:
    """What each question finds, by its name: one statement, however many there are, and none where there is none."""
    asked = [_aggregate(name, question) for name, question in questions.items()]
    if not asked:
        return {}
    rows = asked[0].union(*asked[1:], all=True) if asked[1:] else asked[0]
    found = {name: Found(number, late, oldest) for name, number, late, oldest in rows}
    # A question that finds nothing has no row.
    return {name: found.get(name, Found()) for name in questions}


def _aggregate(name: str, question: Question) -> "QuerySet[Any]":
    late = Value(0, IntegerField()) if question.late is None else Count(Case(When(question.late, then=Value(1))))
    return (
        question.rows.order_by()
        .values(asked=Value(name, CharField()))
        .annotate(number=Count("*"), late_number=late, oldest=Min(question.since))
        .values_list("asked", "number", "late_number", "oldest")
    )

"""Counts every past day (UTC) once a night, so that the operator's page adds up days instead of their records."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, Case, Count, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Substr

from history.models import CountedDay
from history.operator_reports.success_criteria import PERIODS, RULES, CriterionRule
from practice.models import Turn

STEP = timedelta(minutes=15)
"""In every time zone days begin at a multiple of it."""
SETTLED = timedelta(hours=1)
"""After the end of a day it is counted: by then its sessions have ended and their evaluations are ready or late."""
_HOUR, _MINUTES = len("2026-03-01 09:"), 2

Span = tuple[datetime, datetime | None]
"""From a time until before another one; None: open."""


@dataclass(frozen=True)
class StepCount:
    """Records of one step that were all kept or all missed; `period`: the shortest that holds them, in days."""

    at: datetime
    period: int
    was_kept: bool
    records: int


def count_days(now: datetime) -> int:
    """Count all days of the longest period that are over, once a night; returns how many.

    They are counted anew every night, because an erasure or a later transcription changes days that are over.
    """
    today = (now - SETTLED).astimezone(UTC).date()
    first = _utc(now - timedelta(days=max(PERIODS))).date()
    CountedDay.objects.filter(day__lt=first).delete()
    fresh = set(CountedDay.objects.filter(counted_at__gte=_midnight(today) + SETTLED).values_list("day", flat=True))
    due = [day for day in _days(first, today - timedelta(days=1)) if day not in fresh]
    for day in due:
        counts = {rule.code: _steps_of(rule, day, now) for rule in RULES}
        replies = dict(latencies([(_midnight(day), _midnight(day + timedelta(days=1)))]))
        CountedDay.objects.update_or_create(
            day=day, defaults={"criteria": counts, "first_audio": replies, "counted_at": now}
        )
    return len(due)


def _steps_of(rule: CriterionRule, day: date, now: datetime) -> list[tuple[int, int, int]]:
    """`(step of the day, kept, missed)`."""
    start = _midnight(day)
    span = (start, start + timedelta(days=1))
    found: dict[int, list[int]] = {}
    for each in step_counts(rule, rule.due(start, now).filter(within(rule.at, [span])), now):
        found.setdefault((each.at - start) // STEP, [0, 0])[0 if each.was_kept else 1] += each.records
    return [(step, kept, missed) for step, (kept, missed) in sorted(found.items())]


def step_counts(rule: CriterionRule, rows: "QuerySet[Any]", now: datetime) -> list[StepCount]:
    """Count by step, as text, so that the database need not convert zones."""
    text = Cast(rule.at, TextField())
    holds = [When(**{f"{rule.at}__gte": now - timedelta(days=each)}, then=Value(each)) for each in sorted(PERIODS)]
    counted = (
        rows.order_by()
        .annotate(
            hour=Substr(text, 1, _HOUR),
            step=Cast(Substr(text, _HOUR + 1, _MINUTES), IntegerField()) / (STEP // timedelta(minutes=1)),
            period=Case(*holds, default=Value(max(PERIODS)), output_field=IntegerField()),
            was_kept=was_kept(rule, now),
        )
        .values_list("hour", "step", "period", "was_kept")
        .annotate(records=Count("*"))
    )
    return [
        StepCount(datetime.fromisoformat(f"{hour}00").replace(tzinfo=UTC) + step * STEP, period, bool(kept), records)
        for hour, step, period, kept, records in counted
    ]


def was_kept(rule: CriterionRule, now: datetime) -> Case:
    return Case(When(rule.kept(now), then=Value(value=True)), default=Value(value=False), output_field=BooleanField())


def kept_steps(now: datetime) -> tuple[dict[str, list[StepCount]], list[Span]]:
    """By criterion, the counts of the longest period that a night has kept, and the spans that it has not.

    A step in which a shorter period begins is not taken from the counts but belongs to the spans.
    """
    starts = {days: _utc(now) - timedelta(days=days) for days in PERIODS}
    first = min(starts.values())
    kept: dict[str, list[StepCount]] = {rule.code: [] for rule in RULES}
    days = dict(CountedDay.objects.filter(day__gte=first.date()).values_list("day", "criteria"))
    for day, counts in days.items():
        for code, steps in counts.items():
            for step, *numbers in steps:
                at = _midnight(day) + step * STEP
                if at < first or any(at < start < at + STEP for start in starts.values()):
                    continue
                period = min(each for each, start in starts.items() if at >= start)
                kept[code] += [
                    StepCount(at, period, number == 0, records) for number, records in enumerate(numbers) if records
                ]
    return kept, _uncounted(days, list(starts.values()), now)


def kept_latencies(now: datetime, since: datetime) -> tuple[list[tuple[int, int]], list[Span]]:
    """How many replies of the days that a night has counted took how many milliseconds, and the spans it has not."""
    # The day that `since` divides is not used: its replies are kept without their time.
    first = _utc(since).date() + timedelta(days=1)
    days = dict(CountedDay.objects.filter(day__gte=first).values_list("day", "first_audio"))
    counts = [(int(ms), count) for day in days.values() for ms, count in day.items()]
    return counts, _uncounted(days, [_utc(since)], now)


def latencies(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """`(milliseconds to the first sound, how many replies)`, counted from the turns."""
    replies = Turn.objects.filter(within("created_at", spans), latency_ms__isnull=False)
    return [
        (ms, count)
        for ms, count in replies.order_by().values_list("latency_ms").annotate(Count("pk"))
        if ms is not None
    ]


def within(at: str, spans: Sequence[Span]) -> Q:
    """In one of the spans, of which there is at least one."""
    from_, until = f"{at}__gte", f"{at}__lt"
    return reduce(or_, (Q(**{from_: start} if end is None else {from_: start, until: end}) for start, end in spans))


def _uncounted(counted: Collection[date], starts: Sequence[datetime], now: datetime) -> list[Span]:
    """The spans since the earliest of `starts` that no counted day holds, and the steps that one of them divides."""
    first, today = min(starts), _utc(now).date()
    spans: list[Span] = []
    for start in starts:
        step = _midnight(start.date()) + (start - _midnight(start.date())) // STEP * STEP
        if start.date() in counted and step != start:
            spans.append((max(first, step), step + STEP))
    for day in _days(first.date(), today):
        if day in counted:
            continue
        begin, end = max(first, _midnight(day)), _midnight(day + timedelta(days=1))
        if spans and spans[-1][1] == begin:
            begin = spans.pop()[0]
        spans.append((begin, None if day == today else end))
    return spans


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)

"""Reports SC-001 to SC-004 for the operator's page: by period, by hour or day, with the sessions that missed them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db.models import (
    BooleanField,
    Case,
    Count,
    IntegerField,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Substr

from coach.model_use import accounts
from history.success_criteria import PERIODS, RULES, CriterionRule, SuccessCriterion

MISSED_SHOWN = 6
_HOUR_CHARACTERS, _MINUTE_CHARACTERS = len("2026-03-01 09"), len("2026-03-01 09:30")


@dataclass(frozen=True)
class MissedSession:
    """A session that missed a criterion: when and why."""

    session_id: str
    title: str
    at: datetime | None
    why: str


@dataclass(frozen=True)
class CriterionReport:
    """One criterion over each of PERIODS (by days) and in steps, with the latest sessions that missed it."""

    periods: dict[int, SuccessCriterion]
    chosen: SuccessCriterion
    steps: list[tuple[datetime, SuccessCriterion]]
    missed: list[MissedSession]


def reports(*, now: datetime, days: int) -> list[CriterionReport]:
    """All criteria for a page: three queries each, however many sessions there are."""
    return [_report(rule, now=now, days=days) for rule in RULES]


def _report(rule: CriterionRule, *, now: datetime, days: int) -> CriterionReport:
    counts = _counts(rule, now)
    steps = _steps(rule, counts, now=now, days=days)
    periods = {period: _total(rule, [each for each in counts if each.period <= period]) for period in PERIODS}
    chosen = periods[days]
    missed = _missed(rule, now, days) if chosen.kept < chosen.of else []
    return CriterionReport(periods, chosen, steps, missed)


@dataclass(frozen=True)
class _Count:
    """Records of one hour (or minute) that were all kept or all missed; `period`: the shortest that holds them."""

    at: datetime
    period: int
    was_kept: bool
    records: int


def _counts(rule: CriterionRule, now: datetime) -> list[_Count]:
    """The longest period in one pass over the records.

    The database counts by hour (by minute if the zone's day begins within an hour), as text, so it need not convert
    zones.
    """
    since = now - timedelta(days=max(PERIODS))
    offsets = [each.astimezone(accounts.zone()).utcoffset() or timedelta(0) for each in (since, now)]
    characters = _MINUTE_CHARACTERS if any(each % timedelta(hours=1) for each in offsets) else _HOUR_CHARACTERS
    within = [When(**{f"{rule.at}__gte": now - timedelta(days=each)}, then=Value(each)) for each in sorted(PERIODS)]
    rows = (
        rule.due(since, now)
        .order_by()
        .annotate(
            step=Substr(Cast(rule.at, TextField()), 1, characters),
            period=Case(*within, output_field=IntegerField()),
            was_kept=_was_kept(rule, now),
        )
        .values_list("step", "period", "was_kept")
        .annotate(records=Count("*"))
    )
    ending = "" if characters == _MINUTE_CHARACTERS else ":00"
    return [
        _Count(datetime.fromisoformat(text + ending).replace(tzinfo=UTC), period, bool(kept), records)
        for text, period, kept, records in rows
    ]


def _was_kept(rule: CriterionRule, now: datetime) -> Case:
    return Case(When(rule.kept(now), then=Value(value=True)), default=Value(value=False), output_field=BooleanField())


def _total(rule: CriterionRule, counts: Sequence[_Count]) -> SuccessCriterion:
    kept = sum(each.records for each in counts if each.was_kept)
    return replace(rule.none(), kept=kept, of=sum(each.records for each in counts))


def _steps(
    rule: CriterionRule, counts: Sequence[_Count], *, now: datetime, days: int
) -> list[tuple[datetime, SuccessCriterion]]:
    """Steps of an hour for the last day, else of a day in the operator's zone.

    The period may cut the first and last step.
    """
    zone, hourly = accounts.zone(), days == 1
    by_step: dict[datetime, list[_Count]] = {}
    for each in counts:
        if each.period <= days:
            # By the instant: an hour that a zone's clocks show twice is two steps.
            start = _step_of(each.at.astimezone(zone), hourly=hourly).astimezone(UTC)
            by_step.setdefault(start, []).append(each)
    starts = _starts((now - timedelta(days=days)).astimezone(zone), now.astimezone(zone), hourly=hourly)
    return [(start, _total(rule, by_step.get(start.astimezone(UTC), []))) for start in starts]


def _step_of(at: datetime, *, hourly: bool) -> datetime:
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour if hourly else hour.replace(hour=0, fold=0)


def _starts(since: datetime, now: datetime, *, hourly: bool) -> list[datetime]:
    """The start of each step by the wall clock: days of 23 or 25 hours are one step each."""
    if hourly:
        first = since.replace(minute=0, second=0, microsecond=0)
        count = int((now - first) / timedelta(hours=1)) + 1
        utc = [first.timestamp() + 3600 * number for number in range(count)]
        return [datetime.fromtimestamp(each, tz=since.tzinfo) for each in utc]
    day, starts = since.date(), []
    while day <= now.date():
        starts.append(datetime(day.year, day.month, day.day, tzinfo=since.tzinfo))
        day += timedelta(days=1)
    return starts


def _missed(rule: CriterionRule, now: datetime, days: int) -> list[MissedSession]:
    path = rule.session
    rows = rule.due(now - timedelta(days=days), now).annotate(was_kept=_was_kept(rule, now)).filter(was_kept=False)
    if path:
        rows = rows.select_related(path).defer(f"{path}__brief", f"{path}__behaviours", f"{path}__role_brief")
    else:
        rows = rows.defer("brief", "behaviours", "role_brief")
    found = []
    for row in rows.order_by(f"-{rule.at}")[:MISSED_SHOWN]:
        session = getattr(row, path) if path else row
        at = session.started_at or session.created_at
        found.append(MissedSession(session.pk, session.scenario_title, at, rule.why(row)))
    return found

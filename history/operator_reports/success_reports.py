"""Reports SC-001 to SC-004 for the operator's page: by period, by hour or day, with the sessions that missed them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from coach.model_use import totals
from history.operator_reports import counted_days
from history.operator_reports.counted_days import STEP, Span, StepCount
from history.operator_reports.success_criteria import PERIODS, RULES, CriterionRule, SuccessCriterion

MISSED_SHOWN = 6


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
    """All criteria for a page. Days that a night has counted are added up; only the records of the others are read."""
    kept, spans = counted_days.kept_steps(now)
    return [_report(rule, kept[rule.code], spans, now=now, days=days) for rule in RULES]


def _report(
    rule: CriterionRule, kept: Sequence[StepCount], spans: Sequence[Span], *, now: datetime, days: int
) -> CriterionReport:
    rows = rule.due(now - timedelta(days=max(PERIODS)), now).filter(counted_days.within(rule.at, spans))
    counts = [*kept, *counted_days.step_counts(rule, rows, now)]
    steps = _steps(rule, counts, now=now, days=days)
    periods = {period: _total(rule, [each for each in counts if each.period <= period]) for period in PERIODS}
    return CriterionReport(periods, periods[days], steps, _missed(rule, counts, now=now, days=days))


def _total(rule: CriterionRule, counts: Sequence[StepCount]) -> SuccessCriterion:
    kept = sum(each.records for each in counts if each.was_kept)
    return replace(rule.none(), kept=kept, of=sum(each.records for each in counts))


def _steps(
    rule: CriterionRule, counts: Sequence[StepCount], *, now: datetime, days: int
) -> list[tuple[datetime, SuccessCriterion]]:
    """Steps of an hour for the last day, else of a day in the operator's zone.

    The period may cut the first and last step.
    """
    zone, hourly = totals.zone(), days == 1
    by_step: dict[datetime, list[StepCount]] = {}
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
        # By the instants: a difference within one zone is that of its clocks, an hour off on two days a year.
        count = int((now.timestamp() - first.timestamp()) // 3600) + 1
        utc = [first.timestamp() + 3600 * number for number in range(count)]
        return [datetime.fromtimestamp(each, tz=since.tzinfo) for each in utc]
    day, starts = since.date(), []
    while day <= now.date():
        starts.append(datetime(day.year, day.month, day.day, tzinfo=since.tzinfo))
        day += timedelta(days=1)
    return starts


def _missed(rule: CriterionRule, counts: Sequence[StepCount], *, now: datetime, days: int) -> list[MissedSession]:
    """The latest, looked for only in the steps that have some."""
    missed: dict[datetime, int] = {}
    for each in counts:
        if each.period <= days and not each.was_kept:
            missed[each.at] = missed.get(each.at, 0) + each.records
    spans: list[Span] = []
    found_at = 0
    for at in sorted(missed, reverse=True):
        if found_at < MISSED_SHOWN:
            spans.append((at, at + STEP))
            found_at += missed[at]
    if not spans:
        return []
    rows = rule.due(now - timedelta(days=days), now).filter(counted_days.within(rule.at, spans))
    rows = rows.annotate(was_kept=counted_days.was_kept(rule, now)).filter(was_kept=False)
    path = rule.session
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

"""Computes SC-001 to SC-004 from the records: over periods, by hour or day, and the sessions that missed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Substr
from django.utils.functional import Promise
from django.utils.translation import gettext as said
from django.utils.translation import gettext_lazy as _

from coach.config import config
from coach.database.seconds_between import SecondsBetween
from coach.model_use import accounts
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import Evaluation
from history.models import Visit
from history.visits import STEPS_TARGET
from practice.lifecycle import ReplyStatus, SessionStatus
from practice.models import PracticeSession, Turn

PERIODS = (1, 7, 30)
"""The periods in days."""
ENDS_WITHIN_MS = 2_000
READY_WITHIN = timedelta(seconds=60)
FEW = 20
"""Below this many records, a share says little."""
MISSED_SHOWN = 6
CLOCK_GRAIN_SECONDS = 0.0005
"""SQLite counts days as floats, precise to a twentieth of this."""
_HOUR_CHARACTERS, _MINUTE_CHARACTERS = len("2026-03-01 09"), len("2026-03-01 09:30")


@dataclass(frozen=True)
class SuccessCriterion:
    """A success criterion over one period: `kept` of `of` records; the share is None if there are none."""

    code: str
    words: str | Promise
    target: int
    kept: int
    of: int

    @property
    def share(self) -> float | None:
        """In percent."""
        return 100 * self.kept / self.of if self.of else None

    @property
    def is_met(self) -> bool | None:
        return None if self.share is None else self.share >= self.target

    @property
    def is_few(self) -> bool:
        return 0 < self.of < FEW


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


@dataclass(frozen=True)
class _Rule:
    """`due`: the records that count since a time.

    `at`: the field with each one's time. `session`: the path to its session.
    """

    code: str
    words: str | Promise
    target: int
    due: Callable[[datetime, datetime], "QuerySet[Any]"]
    kept: Callable[[datetime], Q]
    at: str
    session: str
    why: Callable[[Any], str]

    def none(self) -> SuccessCriterion:
        return SuccessCriterion(self.code, self.words, self.target, 0, 0)


def criteria(*, now: datetime, days: int) -> list[SuccessCriterion]:
    """SC-001 to SC-004 over the last `days`."""
    found = []
    for rule in RULES:
        counted = rule.due(now - timedelta(days=days), now).aggregate(
            kept=Count("pk", filter=rule.kept(now)), of=Count("pk")
        )
        found.append(replace(rule.none(), **counted))
    return found


def reports(*, now: datetime, days: int) -> list[CriterionReport]:
    """All criteria for a page: three queries each, however many sessions there are."""
    return [_report(rule, now=now, days=days) for rule in RULES]


def _report(rule: _Rule, *, now: datetime, days: int) -> CriterionReport:
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


def _counts(rule: _Rule, now: datetime) -> list[_Count]:
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


def _was_kept(rule: _Rule, now: datetime) -> Case:
    return Case(When(rule.kept(now), then=Value(value=True)), default=Value(value=False), output_field=BooleanField())


def _total(rule: _Rule, counts: Sequence[_Count]) -> SuccessCriterion:
    kept = sum(each.records for each in counts if each.was_kept)
    return replace(rule.none(), kept=kept, of=sum(each.records for each in counts))


def _steps(
    rule: _Rule, counts: Sequence[_Count], *, now: datetime, days: int
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


def _missed(rule: _Rule, now: datetime, days: int) -> list[MissedSession]:
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


def _ended_or_due(since: datetime, now: datetime) -> "QuerySet[PracticeSession]":
    """Sessions that should have ended by now."""
    return PracticeSession.objects.filter(started_at__gte=since).filter(
        Q(status=SessionStatus.ENDED) | Q(duration_deadline__lt=now)
    )


def _ended_whole(now: datetime) -> Q:
    """Ended and saved: every turn that was said has its words or its recording, or had it for as long as it is kept."""
    # Looked up once, not per session: SQLite would misjudge the unique index on recordings as selective.
    lost = Turn.objects.filter(audio=None, created_at__gte=now - timedelta(days=max(PERIODS)))
    lost = lost.filter(Q(transcript=None) | Q(transcript="")).order_by()
    lost = lost.exclude(reply_status__in=[ReplyStatus.DUE, ReplyStatus.SPEAKING, ReplyStatus.FAILED])
    saved = ~Q(pk__in=lost.values("session_id"))
    if config.retain_audio_days is not None:
        saved = saved | Q(ended_at__lt=now - timedelta(days=config.retain_audio_days))
    return Q(status=SessionStatus.ENDED) & ~Q(termination_reason="") & saved


def _evaluations_due(since: datetime, now: datetime) -> "QuerySet[Evaluation]":
    """Evaluations still within their minute are not counted yet."""
    due = Evaluation.objects.filter(session__ended_at__gte=since).filter(
        Q(status__in=[EvaluationStatus.COMPLETED, EvaluationStatus.FAILED])
        | Q(session__ended_at__lt=now - READY_WITHIN)
    )
    return due.annotate(took=SecondsBetween("session__ended_at", "completed_at"))


def _not_whole(session: PracticeSession) -> str:
    if session.status != SessionStatus.ENDED:
        return said("not ended, though its time is over")
    return said("a turn has neither words nor recording")


def _late_end(session: PracticeSession) -> str:
    return said("%(seconds)s s late") % {"seconds": f"{(session.termination_latency_ms or 0) / 1000:.1f}"}


def _late_evaluation(evaluation: Evaluation) -> str:
    took: float | None = getattr(evaluation, "took", None)
    if took is not None:
        return said("ready after %(seconds)s s") % {"seconds": f"{took:.0f}"}
    if evaluation.status == EvaluationStatus.FAILED:
        return said("failed: %(error)s") % {"error": evaluation.last_error}
    return said("not ready yet")


RULES = (
    _Rule(
        "SC-001",
        _("Sessions that ended with a reason and a saved transcript or recording of every turn"),
        90,
        _ended_or_due,
        _ended_whole,
        "started_at",
        "",
        _not_whole,
    ),
    _Rule(
        "SC-002",
        _("Ends that were stored and pushed within 2 s of the limit or decision"),
        95,
        lambda since, now: PracticeSession.objects.filter(ended_at__gte=since, termination_latency_ms__isnull=False),
        lambda now: Q(termination_latency_ms__lte=ENDS_WITHIN_MS),
        "ended_at",
        "",
        _late_end,
    ),
    _Rule(
        "SC-003",
        _("Evaluations that were ready within 60 s of the end"),
        90,
        _evaluations_due,
        lambda now: Q(completed_at__isnull=False, took__lte=READY_WITHIN.total_seconds() + CLOCK_GRAIN_SECONDS),
        "session__ended_at",
        "session",
        _late_evaluation,
    ),
    _Rule(
        "SC-004",
        _("Past sessions that were opened in at most 2 steps"),
        95,
        lambda since, now: Visit.objects.filter(opened_at__gte=since),
        lambda now: Q(step_count__lte=STEPS_TARGET),
        "opened_at",
        "session",
        lambda visit: said("%(steps)s steps") % {"steps": visit.step_count},
    ),
)

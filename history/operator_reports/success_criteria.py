"""Defines SC-001 to SC-004 over the records: which count, which of them kept the promise, and why one did not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as said
from django.utils.translation import gettext_lazy as _

from coach.config import config
from coach.database.seconds_between import SecondsBetween
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
CLOCK_GRAIN_SECONDS = 0.0005
"""SQLite counts days as floats, precise to a twentieth of this."""


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
class CriterionRule:
    """How one criterion is computed. `due`: the records that count since a time.

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


def _ended_or_due(since: datetime, now: datetime) -> "QuerySet[PracticeSession]":
    """Sessions that should have ended by now."""
    return PracticeSession.objects.filter(started_at__gte=since).filter(
        Q(status=SessionStatus.ENDED) | Q(duration_deadline__lt=now)
    )


def _ended_whole(now: datetime) -> Q:
    """Ended and saved: every turn that was said has its words or its recording, or had it for as long as it is kept."""
    # Looked up once, not per session: SQLite would misjudge the unique index on recordings as selective.
    lost = Turn.objects.own().filter(audio=None, created_at__gte=now - timedelta(days=max(PERIODS)))
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
    CriterionRule(
        "SC-001",
        _("Sessions that ended with a reason and a saved transcript or recording of every turn"),
        90,
        _ended_or_due,
        _ended_whole,
        "started_at",
        "",
        _not_whole,
    ),
    CriterionRule(
        "SC-002",
        _("Session ends stored and pushed within 2 s of the limit or decision"),
        95,
        lambda since, now: PracticeSession.objects.filter(ended_at__gte=since, termination_latency_ms__isnull=False),
        lambda now: Q(termination_latency_ms__lte=ENDS_WITHIN_MS),
        "ended_at",
        "",
        _late_end,
    ),
    CriterionRule(
        "SC-003",
        _("Evaluations that were ready within 60 s of the end"),
        90,
        _evaluations_due,
        lambda now: Q(completed_at__isnull=False, took__lte=READY_WITHIN.total_seconds() + CLOCK_GRAIN_SECONDS),
        "session__ended_at",
        "session",
        _late_evaluation,
    ),
    CriterionRule(
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

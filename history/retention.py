"""Erases records that are past their retention, every night, by the same path as any erasure.

Sessions that have not ended, and sessions that such a session continues, are not touched.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from auditlog.models import LogEntry as AuditEntry
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.sessions.models import Session as SignIn
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coach.config import config
from coach.database import counting
from coach.database.counting import Found, RowCount
from coach.jobs import Backoff, JobKind, kept
from coach.model_use import totals
from coach.model_use.models import DayOfModelUse, ModelUse
from coach.storage import audio
from coach.storage.models import AudioFile
from history import erasure
from history.models import Archive, ArchiveStatus, RetentionRun, Visit
from practice.lifecycle import AsrStatus, SessionStatus
from practice.models import PracticeSession

log = structlog.get_logger(__name__)

BATCH = 200
"""Of what takes other records along."""
ROWS_BATCH = 5_000
"""Of rows that nothing hangs on: finding the oldest may take a look at all of them."""
NIGHT_HOUR = 3
"""The night's run is due from this hour of the operator's day on."""

RUN: JobKind[RetentionRun] = JobKind(
    "retention",
    RetentionRun,
    owed=Q(finished_at=None),
    held_until="claimed_until",
    attempts="attempts",
    lease=timedelta(minutes=10),
    backoff=Backoff(timedelta(minutes=10), 2, timedelta(hours=6)),
)


@dataclass(frozen=True)
class Retention:
    """One kind of record. `days`: None keeps it for ever; `erase_some` erases a batch of `due` and says how many."""

    name: str
    title: str | Promise
    variable: str
    days: Callable[[], int | None]
    due: Callable[[datetime], "QuerySet[Any]"]
    since: str
    erase_some: Callable[["QuerySet[Any]", datetime], int]

    def before(self, now: datetime) -> datetime | None:
        """Records older than this are erased; None if they are kept for ever."""
        days = self.days()
        return None if days is None else now - timedelta(days=days)


@dataclass(frozen=True)
class RetentionPreview:
    """What a run would erase of a kind now. `days` None: kept for ever, and `count` is 0."""

    kind: Retention
    days: int | None
    count: int
    oldest: datetime | None


def preview(now: datetime) -> list[RetentionPreview]:
    limits = {kind.name: (kind, before) for kind in KINDS if (before := kind.before(now)) is not None}
    found = counting.count({name: RowCount(kind.due(before), kind.since) for name, (kind, before) in limits.items()})
    counts = [(kind, found.get(kind.name, Found())) for kind in KINDS]
    return [RetentionPreview(kind, kind.days(), count.count, count.oldest) for kind, count in counts]


def nightly(now: datetime) -> RetentionRun | None:
    """The night's run, once a day however often it is called; an interrupted run is resumed."""
    if now.astimezone(totals.zone()).hour < NIGHT_HOUR:
        return None
    run, _made = RetentionRun.objects.get_or_create(night=totals.day_of(now), defaults={"started_at": now})
    return _carry_out(run, lambda: now)


def run_now(*, by: str, clock: Callable[[], datetime]) -> RetentionRun:
    """Erase everything due now. `by`: who asked for it."""
    run = RetentionRun.objects.create(by=by, started_at=clock())
    return _carry_out(run, clock) or run


def _carry_out(run: RetentionRun, clock: Callable[[], datetime]) -> RetentionRun | None:
    lease = RUN.claim(run.pk, now=clock())
    if lease is None:
        return None
    with kept(lease):
        for kind in KINDS:
            erased = _erase(kind, clock())
            if erased:
                run.erased[kind.name] = run.erased.get(kind.name, 0) + erased
                lease.held.update(erased=run.erased)
    lease.held.update(finished_at=clock(), claimed_until=None)
    run.refresh_from_db()
    counts = [f"{name}: {count}" for name, count in run.erased.items()]
    log.info("retention carried out", erased=counts, kind="by hand" if run.by else "nightly")
    return run


def _erase(kind: Retention, now: datetime) -> int:
    before = kind.before(now)
    total = 0
    while before is not None:
        erased = kind.erase_some(kind.due(before).order_by(kind.since), now)
        if not erased:
            break
        total += erased
    return total


def _at_rest(before: datetime) -> "QuerySet[PracticeSession]":
    """Sessions that ended before `before` and that no open session continues."""
    goes_on = PracticeSession.objects.filter(continues_from=OuterRef("pk")).exclude(status=SessionStatus.ENDED)
    return PracticeSession.objects.filter(status=SessionStatus.ENDED, ended_at__lt=before).exclude(Exists(goes_on))


def _recordings(before: datetime) -> "QuerySet[AudioFile]":
    at_rest = AudioFile.objects.filter(turn__session__in=_at_rest(before))
    return at_rest.exclude(turn__asr_status=AsrStatus.PENDING)


def _erase_recordings(due: "QuerySet[AudioFile]", now: datetime) -> int:
    chosen = dict(due.values_list("pk", "turn__session_id")[:BATCH])
    if not chosen:
        return 0
    with transaction.atomic():
        sessions = PracticeSession.objects.select_for_update(no_key=True).filter(pk__in=set(chosen.values()))
        list(sessions.order_by("pk").values_list("pk", flat=True))
        # Check again: it may have changed while we waited for the lock.
        still = list(due.filter(pk__in=list(chosen)).order_by().values_list("pk", flat=True))
        return audio.erase(dict.fromkeys(still, ""), now=now)


def _erase_sessions(due: "QuerySet[PracticeSession]", now: datetime) -> int:
    return erasure.erase_these(list(due.values_list("pk", flat=True)[:BATCH]), now=now)


def _erase_rows(due: "QuerySet[Any]", now: datetime) -> int:
    chosen = list(due.values_list("pk", flat=True)[:ROWS_BATCH])
    if chosen:
        due.model._default_manager.filter(pk__in=chosen).delete()
    return len(chosen)


KINDS = (
    Retention(
        "recordings",
        _("Recordings (their transcripts stay)"),
        "RETAIN_AUDIO_DAYS",
        lambda: config.retain_audio_days,
        _recordings,
        "turn__session__ended_at",
        _erase_recordings,
    ),
    Retention(
        "sessions",
        _("Sessions with transcripts, recordings, evaluations and exports"),
        "RETAIN_SESSIONS_DAYS",
        lambda: config.retain_sessions_days,
        _at_rest,
        "ended_at",
        _erase_sessions,
    ),
    Retention(
        "exports",
        _("Exports that were given up (finished ones are deleted after a day)"),
        "RETAIN_GIVEN_UP_DAYS",
        lambda: config.retain_given_up_days,
        lambda before: Archive.objects.filter(status=ArchiveStatus.FAILED, requested_at__lt=before),
        "requested_at",
        _erase_rows,
    ),
    Retention(
        "audit",
        _("Audit log"),
        "RETAIN_AUDIT_DAYS",
        lambda: config.retain_audit_days,
        lambda before: AuditEntry.objects.filter(timestamp__lt=before),
        "timestamp",
        _erase_rows,
    ),
    Retention(
        "admin log",
        _("Recent actions in the admin"),
        "RETAIN_AUDIT_DAYS",
        lambda: config.retain_audit_days,
        lambda before: AdminEntry.objects.filter(action_time__lt=before),
        "action_time",
        _erase_rows,
    ),
    Retention(
        "visits",
        _("Openings of past sessions (SC-004)"),
        "RETAIN_FIGURES_DAYS",
        lambda: config.retain_figures_days,
        lambda before: Visit.objects.filter(opened_at__lt=before),
        "opened_at",
        _erase_rows,
    ),
    Retention(
        "model use",
        _("Model use and cost"),
        "RETAIN_FIGURES_DAYS",
        lambda: config.retain_figures_days,
        lambda before: ModelUse.objects.filter(last_at__lt=before),
        "last_at",
        _erase_rows,
    ),
    Retention(
        "model use by day",
        _("Model use and cost, sums of days"),
        "RETAIN_FIGURES_DAYS",
        lambda: config.retain_figures_days,
        lambda before: DayOfModelUse.objects.filter(last_at__lt=before),
        "last_at",
        _erase_rows,
    ),
    Retention(
        "sign-ins",
        _("Sign-ins that have expired"),
        "",
        lambda: 0,
        lambda before: SignIn.objects.filter(expire_date__lt=before),
        "expire_date",
        _erase_rows,
    ),
)
"""The order matters: erasing a session erases its recordings, so recordings come first and are counted separately."""

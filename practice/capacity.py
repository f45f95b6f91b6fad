"""How many may talk at once. Every decision is taken under one lock, whichever process asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from coach.config import config
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession

RETRY_AFTER_SECONDS = 10
_ADVISORY_LOCK = 0x50524143


class CapacityExceeded(Exception):
    """All places taken and the queue full. `retry_after` in seconds."""

    retry_after = RETRY_AFTER_SECONDS


@dataclass(frozen=True)
class Admission:
    """What was decided about a newcomer, and when: the queue stands in this order, whatever clock a process had.

    `waits_until`: None where a place is free.
    """

    decided_at: datetime
    waits_until: datetime | None


def lock() -> None:
    """Hold every other admission until this transaction ends. SQLite's are immediate: they hold it as is."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("admission is decided inside a transaction")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])


def active() -> int:
    return PracticeSession.objects.filter(status=SessionStatus.ACTIVE).count()


def under_way() -> int:
    """Sessions that talk or wait."""
    return PracticeSession.objects.exclude(status=SessionStatus.ENDED).count()


def waiting() -> list[str]:
    """Ids of the sessions in the queue, first come first."""
    return list(_pending().order_by("created_at", "id").values_list("pk", flat=True))


def admit(now: datetime) -> Admission:
    """Let a newcomer in or have it wait behind everybody who waits. Raises CapacityExceeded. Call under `lock`.

    `now` was read before the lock was had: who was decided earlier may have read a later one.
    """
    queue = len(waiting())
    if active() + queue < config.max_active:
        return Admission(now, None)
    if queue >= config.max_pending:
        raise CapacityExceeded
    last = _pending().aggregate(last=Max("created_at"))["last"]
    decided_at = max(now, last + timedelta(microseconds=1)) if last else now
    return Admission(decided_at, now + timedelta(seconds=config.pending_wait_seconds))


def next_in() -> str | None:
    """Who is to be let in now, if there is a place. Call under `lock`."""
    queue = waiting()
    return queue[0] if queue and active() < config.max_active else None


def _pending() -> QuerySet[PracticeSession]:
    return PracticeSession.objects.filter(status=SessionStatus.PENDING)

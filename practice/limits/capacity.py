"""Limits how many sessions may be active at once, and how many more may wait in the queue, and for how long.

The numbers are `max_active`, `max_pending` and `pending_wait_seconds` of the configuration. Every decision is made
under one lock, across all processes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from coach import threads
from coach.config import config
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession

RETRY_AFTER_SECONDS = 10
# Once the median piece of work waits this long for a thread, a process with more sessions would lose accepted turns.
LATE_SECONDS = 1.0
_ADVISORY_LOCK = 0x50524143


class CapacityExceeded(Exception):
    """No place is free, or this process is late, and the queue is full. `retry_after` in seconds."""

    retry_after = RETRY_AFTER_SECONDS


@dataclass(frozen=True)
class Admission:
    """The decision about a newcomer, and its time, which orders the queue whatever clock a process had.

    `waits_until`: None if a place is free.
    """

    decided_at: datetime
    waits_until: datetime | None


def lock() -> None:
    """Block every other admission until this transaction ends. SQLite's transactions are immediate and block anyway."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("admission is decided inside a transaction")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])


def active() -> int:
    return PracticeSession.objects.filter(status=SessionStatus.ACTIVE).count()


def under_way() -> int:
    """The number of active and waiting sessions."""
    return PracticeSession.objects.exclude(status=SessionStatus.ENDED).count()


def waiting() -> list[str]:
    """Ids of the sessions in the queue, longest waiting first."""
    return list(_pending().order_by("created_at", "id").values_list("pk", flat=True))


def positions() -> dict[str, int]:
    """The position of each waiting session in the queue, from 1, by its id."""
    return {session_id: position for position, session_id in enumerate(waiting(), 1)}


def admit(now: datetime) -> Admission:
    """Admit a newcomer or put it at the end of the queue. Raises CapacityExceeded. Call under `lock`.

    `now` was read before the lock was acquired: an earlier decision may have used a later time.
    """
    queue = len(waiting())
    late = is_late()
    if not late and active() + queue < config.max_active:
        return Admission(now, None)
    if queue >= config.max_pending:
        raise CapacityExceeded("this process is late" if late else "every place is taken")
    last = _pending().aggregate(last=Max("created_at"))["last"]
    decided_at = max(now, last + timedelta(microseconds=1)) if last else now
    return Admission(decided_at, now + timedelta(seconds=config.pending_wait_seconds))


def next_in() -> str | None:
    """The next session to be admitted, if there is a place. Call under `lock`."""
    queue = waiting()
    return queue[0] if queue and active() < config.max_active and not is_late() else None


def is_late() -> bool:
    """Whether work waits so long in this process that another session would slow all the others down."""
    return threads.waits.median() > LATE_SECONDS


def _pending() -> QuerySet[PracticeSession]:
    return PracticeSession.objects.filter(status=SessionStatus.PENDING)

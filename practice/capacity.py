"""How many may talk at once. Every decision is taken under one lock, whichever process asks."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from coach.config import config
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession

RETRY_AFTER_SECONDS = 10
_ADVISORY_LOCK = 0x50524143


class CapacityExceeded(Exception):
    """All places taken and the queue full. `retry_after` in seconds."""

    retry_after = RETRY_AFTER_SECONDS


def lock() -> None:
    """Hold every other admission until this transaction ends. SQLite's are immediate: they hold it as is."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("admission is decided inside a transaction")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])


def active() -> int:
    return PracticeSession.objects.filter(status=SessionStatus.ACTIVE).count()


def waiting() -> list[str]:
    """Ids of the sessions in the queue, first come first."""
    pending = PracticeSession.objects.filter(status=SessionStatus.PENDING).order_by("created_at", "id")
    return list(pending.values_list("pk", flat=True))


def admit(now: datetime) -> datetime | None:
    """None: a place is free, go ahead. Else until when a newcomer waits. Raises CapacityExceeded. Call under `lock`."""
    queue = len(waiting())
    if active() + queue < config.max_active:
        return None
    if queue >= config.max_pending:
        raise CapacityExceeded
    return now + timedelta(seconds=config.pending_wait_seconds)


def next_in() -> str | None:
    """Who is to be let in now, if there is a place. Call under `lock`."""
    queue = waiting()
    return queue[0] if queue and active() < config.max_active else None

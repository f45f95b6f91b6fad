"""The delivery lease: one process delivers the outbox at a time, so that the writes of a record arrive in order."""

import os
import secrets
import socket
from datetime import datetime, timedelta

from coach.leancloud.models import OutboxLease

# Longer than one class takes if every request uses all its retries.
LEASE = timedelta(minutes=5)


def take(now: datetime) -> str | None:
    """Take the delivery lease. Returns its token, or None if another process holds it."""
    OutboxLease.objects.get_or_create(pk=1, defaults={"holder": "", "until": now})
    mine = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
    free = OutboxLease.objects.filter(pk=1, until__lte=now)
    return mine if free.update(holder=mine, until=now + LEASE) else None


def keep(mine: str, now: datetime) -> bool:
    """Renew the lease. False if it expired and another process took it."""
    return bool(OutboxLease.objects.filter(pk=1, holder=mine).update(until=now + LEASE))


def give_up(mine: str, now: datetime) -> None:
    OutboxLease.objects.filter(pk=1, holder=mine).update(until=now)

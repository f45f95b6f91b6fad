"""The delivery lease: one process delivers the outbox at a time, so that the writes of a record arrive in order."""

import os
import secrets
import socket
from datetime import datetime, timedelta

from django.db.models import Q

from coach.jobs import Backoff, JobKind, Lease
from coach.leancloud.models import OutboxLease

DELIVERY: JobKind[OutboxLease] = JobKind(
    "LeanCloud delivery",
    OutboxLease,
    owed=Q(),
    held_until="until",
    holder="holder",
    # Longer than one class takes if every request uses all its retries.
    lease=timedelta(minutes=5),
    backoff=Backoff(timedelta(seconds=1), 2, timedelta(minutes=10)),
)


def take(now: datetime) -> Lease[OutboxLease] | None:
    """Take the delivery lease. None if another process holds it."""
    OutboxLease.objects.get_or_create(pk=1, defaults={"holder": "", "until": now})
    return DELIVERY.claim(1, now=now, holder=f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}")

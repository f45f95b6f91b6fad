"""A lease is renewed while its worker lives, however long a model thinks."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from coach import clock
from coach.jobs.kind import Lease

log = structlog.get_logger(__name__)

RENEWALS_PER_LEASE = 4


@contextmanager
def kept(lease: Lease[Any], *, now: Callable[[], datetime] | None = None) -> Iterator[None]:
    """Renew from a thread until the block is left. A database that is away for a moment ends nothing."""
    done = threading.Event()
    renewal = threading.Thread(
        target=_renew, args=[lease, done, now or (lambda: clock.now())], name=f"renew-{lease.kind.name}", daemon=True
    )
    renewal.start()
    try:
        yield
    finally:
        done.set()
        renewal.join(timeout=5)


def _renew(lease: Lease[Any], done: threading.Event, now: Callable[[], datetime]) -> None:
    pause = lease.kind.lease.total_seconds() / RENEWALS_PER_LEASE
    try:
        while not done.wait(pause):
            try:
                if not lease.renew(now()):
                    return
            except (DatabaseError, InterfaceError) as error:
                log.warning("lease not renewed", job=lease.kind.name, error=type(error).__name__)
            close_old_connections()
    finally:
        connection.close()

"""Renews a lease while its worker lives, however long a model thinks."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from coach import clock
from coach.jobs.job_kind import Lease

log = structlog.get_logger(__name__)

RENEWALS_PER_LEASE = 4

# By the thread that renews it; what is under way in this process.
_under_way: dict[threading.Thread, Lease[Any]] = {}


@contextmanager
def kept(lease: Lease[Any], *, now: Callable[[], datetime] | None = None) -> Iterator[None]:
    """Renew from a thread until the block ends. A short database outage does not stop it."""
    done = threading.Event()
    renewal = threading.Thread(
        target=_renew, args=[lease, done, now or (lambda: clock.now())], name=f"renew-{lease.kind.name}", daemon=True
    )
    _under_way[renewal] = lease
    renewal.start()
    try:
        yield
    finally:
        _under_way.pop(renewal)
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


def give_back() -> list[str]:
    """Let all leases of this process run out now, so that others take the jobs up; their kinds. The process ends then.

    A database that is away leaves them to run out by themselves.
    """
    leases = list(_under_way.values())
    try:
        for lease in leases:
            lease.give_back(clock.now())
    except (DatabaseError, InterfaceError) as error:
        log.warning("leases not given back", error=type(error).__name__)
    finally:
        connection.close()
    return [lease.kind.name for lease in leases]

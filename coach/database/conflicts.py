"""Retries work that lost a database conflict, at every entry point: request, socket, task.

Deadlocks and serialisation failures of PostgreSQL, and SQLite's "busy", undo a whole transaction and only mean "not
now". Work that begins its own transactions can be repeated.
"""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import structlog
from django.db import OperationalError, connection

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

TRIES = 5
FIRST_PAUSE_SECONDS = 0.02
# SQLite itself waits a long time before it reports "busy".
NO_LONGER_THAN_SECONDS = 10.0
# Serialisation failure, deadlock, lock not available.
SQLSTATES = frozenset({"40001", "40P01", "55P03"})
SQLITE_BUSY = frozenset({"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED", "SQLITE_LOCKED_SHAREDCACHE"})


def is_conflict(error: BaseException) -> bool:
    """Whether the same work may succeed a moment later."""
    cause = error.__cause__
    if not isinstance(error, OperationalError) or cause is None:
        return False
    return getattr(cause, "sqlstate", None) in SQLSTATES or getattr(cause, "sqlite_errorname", None) in SQLITE_BUSY


def retried(work: Callable[P, T], *, sleep: Callable[[float], None] = time.sleep) -> Callable[P, T]:
    """Wrap `work` so that it is repeated a few times after a conflict, never inside a transaction.

    Raises the last conflict.
    """

    @functools.wraps(work)
    def again(*args: P.args, **kwargs: P.kwargs) -> T:
        began = time.monotonic()
        for attempt in range(1, TRIES + 1):
            try:
                return work(*args, **kwargs)
            except OperationalError as error:
                late = time.monotonic() - began > NO_LONGER_THAN_SECONDS
                if not is_conflict(error) or attempt == TRIES or late or connection.in_atomic_block:
                    raise
                log.info("done again after a conflict in the database", attempt=attempt)
                sleep(FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.5))
        raise AssertionError("unreachable")

    return again

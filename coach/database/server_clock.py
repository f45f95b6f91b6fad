"""Measures how far this machine's clock differs from the PostgreSQL server's, whenever a connection is opened.

SQLite has only the machine's clock, and all its processes are on that machine.
"""

import time
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

import structlog
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from coach import clock

log = structlog.get_logger(__name__)

EVERY_SECONDS = 5.0
# A slower answer says too little about the moment it was given.
ROUND_TRIP_SECONDS = 1.0
# Differences caused by scheduling and the network: following them would only make time jump.
NEGLIGIBLE = timedelta(milliseconds=100)
WORTH_A_WARNING = timedelta(seconds=1)

_measuring = Lock()
_measured_at: float | None = None


def follow() -> None:
    """From now on `coach.clock` uses the database server's clock."""
    connection_created.connect(_on_connection, dispatch_uid="database-clock")


def _on_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    global _measured_at
    if connection.vendor != "postgresql":
        return
    due = _measured_at is None or time.monotonic() - _measured_at > EVERY_SECONDS
    if due and _measuring.acquire(blocking=False):
        try:
            _measured_at = time.monotonic()
            measure(connection)
        finally:
            _measuring.release()


def measure(connection: BaseDatabaseWrapper) -> None:
    """Ask the server for the time and adopt it. Raises what the connection raises."""
    before, began = datetime.now(UTC), time.monotonic()
    # Not through Django's cursor, so that it is in nobody's query count.
    (there,) = connection.connection.execute("SELECT clock_timestamp()").fetchone()
    took = time.monotonic() - began
    if took > ROUND_TRIP_SECONDS:
        return
    difference = there - before - timedelta(seconds=took / 2)
    if abs(difference) < NEGLIGIBLE:
        difference = timedelta(0)
    if abs(difference - clock.difference()) < NEGLIGIBLE and difference:
        return
    if abs(difference) > WORTH_A_WARNING and abs(clock.difference()) <= WORTH_A_WARNING:
        log.warning("this machine's clock differs from the database's", seconds=round(-difference.total_seconds(), 1))
    clock.follow(difference)

"""How migrations run on a PostgreSQL that is in use: one release at a time, and never long in front of others.

Almost every change of a table wants it for itself. While it waits for a long query (a backup, a report), whoever wants
the table after it waits too, even to read. So it waits for a moment only, and is tried again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from django.db import OperationalError, connection
from psycopg import errors

from coach import clock

LOCK_MILLISECONDS = 2_000
TRY_AGAIN_SECONDS = 3.0
GIVE_UP_SECONDS = 600.0

# Any number that nothing else here uses.
_ADVISORY_LOCK = 7_203_117_402


class TableInUse(Exception):
    """A table was in use for the whole of `GIVE_UP_SECONDS`."""


@contextmanager
def alone(say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other process migrates this database, and let none begin."""
    parameters = connection.get_connection_params() | {"cursor_factory": None}
    # A transaction of a connection of its own, so that it also holds behind PgBouncer's transaction mode.
    with psycopg.connect(**parameters) as holder:
        holder.execute("SET LOCAL statement_timeout = 0")
        taken = holder.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ADVISORY_LOCK]).fetchone()
        if not (taken and taken[0]):
            say("Waiting for another migrate of this database …")
            holder.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
        yield


@contextmanager
def short_waits_for_locks() -> Iterator[None]:
    """This thread's queries may take as long as they need, but wait for a lock for `LOCK_MILLISECONDS` only."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = 0; SET lock_timeout = {LOCK_MILLISECONDS}")
    try:
        yield
    finally:
        # The pool hands it to others. It may have been lost, and is replaced then.
        connection.close_if_unusable_or_obsolete()
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout; RESET lock_timeout")


def until_tables_are_free(work: Callable[[], object], say: Callable[[str], None]) -> None:
    """Call `work` until no lock is in its way; what it began is undone by its own transactions.

    Raises TableInUse after `GIVE_UP_SECONDS`.
    """
    gives_up = clock.steady() + GIVE_UP_SECONDS
    while True:
        try:
            work()
            return
        except OperationalError as error:
            if not isinstance(error.__cause__, errors.LockNotAvailable):
                raise
            if clock.steady() > gives_up:
                raise TableInUse(
                    "a table was in use all the time; pg_stat_activity says by whom. Run it again later"
                ) from error
        say("A table is in use by a long query or a backup; trying again in a moment …")
        time.sleep(TRY_AGAIN_SECONDS)

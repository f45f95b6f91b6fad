"""Deleted rows leave SQLite's files: the write-ahead log is checkpointed and cut. PostgreSQL's autovacuum does this."""

from contextlib import closing

from django.db import connection

WAIT_MS = 500
"""How long to wait for readers; writers are blocked meanwhile."""


def cut_log() -> bool:
    """Whether no log is left that shows pages as they were before; False where somebody still reads in it.

    Inside a transaction nothing can be done.
    """
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        return False
    with closing(connection.cursor()) as cursor:
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {WAIT_MS:d}")
        try:
            busy, _log, _written = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience:d}")
    return not busy

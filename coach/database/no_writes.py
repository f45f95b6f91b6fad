"""Recognises errors that mean that nothing can be saved: the disk is full, fails, or is mounted for reading only."""

import sqlite3

from django.db import OperationalError

SQLITE_CODES = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
# disk_full; read_only_sql_transaction: a server that became a replica; io_error.
SQLSTATES = ("53100", "25006", "58030")


def takes_no_writes(error: BaseException) -> bool:
    """Whether the same work may succeed once an operator has made room; what was saved before is there."""
    cause = error.__cause__
    if not isinstance(error, OperationalError) and getattr(cause, "sqlstate", None) not in SQLSTATES:
        return False
    # The lowest byte of an extended code is its primary code.
    primary = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return primary in SQLITE_CODES or getattr(cause, "sqlstate", None) in SQLSTATES

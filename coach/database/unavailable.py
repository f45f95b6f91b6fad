"""Recognises errors that only mean that the database cannot be reached."""

from django.db import InterfaceError, OperationalError

# Connection exception; operator intervention (the server stops, starts or was stopped); too many connections.
CLASSES = ("08", "57P", "53300")


def is_away(error: BaseException) -> bool:
    """Whether the same work may succeed once the server answers again. Never true for SQLite."""
    cause = error.__cause__
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError) or cause is None or hasattr(cause, "sqlite_errorcode"):
        return False
    # psycopg's own "connection lost" and "no connection in time" have no server error code.
    sqlstate = getattr(cause, "sqlstate", None)
    return sqlstate is None or sqlstate.startswith(CLASSES)

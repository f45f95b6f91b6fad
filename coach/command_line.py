"""Runs a management command; what an operator can mend becomes one line instead of a traceback."""

import errno
import os
import sys
from pathlib import Path

FAILED, INTERRUPTED = 1, 130
FULL = (errno.ENOSPC, errno.EDQUOT)


def main(arguments: list[str]) -> int:
    """Like Django's, but returns an exit status for errors of database, Redis and disk. Others are raised."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coach.settings")
    name = " ".join([Path(arguments[0]).name, *arguments[1:2]])
    try:
        import redis
        from django.core.management import execute_from_command_line
        from django.db.utils import DatabaseError, InterfaceError
    except ModuleNotFoundError as error:
        return _said(
            name, f"the package {error.name} is not installed here. Use .venv/bin/python, or run scripts/up once."
        )
    try:
        execute_from_command_line(arguments)
    except (DatabaseError, InterfaceError) as error:
        if (words := about_database(error)) is None:
            raise
        return _said(name, words)
    except redis.RedisError as error:
        return _said(name, f"Redis does not answer ({type(error).__name__}): check REDIS_URL and the server.")
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`): Python must not try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return _said(name, about_disk(error))
    except KeyboardInterrupt:
        return _said(name, "interrupted.", INTERRUPTED)
    return 0


def about_database(error: Exception) -> str | None:
    """What is wrong with the database and what to do, in one line; None for a fault of the program."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    is_table_missing = "no such table" in first or "no such column" in first
    if is_table_missing or getattr(error.__cause__, "sqlstate", None) in ("42P01", "42703"):
        return f"the database is not ready ({first}). Run manage.py migrate first."
    if "malformed" in first or "not a database" in first:
        return f"the database file is damaged ({first}). Restore a backup: docs/operations.md says how."
    if type(error).__name__ not in ("OperationalError", "InterfaceError"):
        return None
    if "readonly" in first:
        return f"the database cannot be written ({first}). Run this as the user who owns VAR_DIR."
    if "full" in first:
        return f"the disk is full ({first}). Free some space and run this again."
    return f"the database cannot be used ({first}). Check DATABASE_URL and the server or, with SQLite, VAR_DIR."


def about_disk(error: OSError) -> str:
    """The file and what is wrong with it, in one line."""
    place = f"{error.filename}: " if error.filename else ""
    if error.errno in FULL:
        return f"{place}the disk is full. Free some space and run this again."
    return f"{place}{error.strerror or error}."


def _said(name: str, words: str, status: int = FAILED) -> int:
    sys.stderr.write(f"{name}: {words}\n")
    return status

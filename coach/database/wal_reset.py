"""Tells operators of SQLite's WAL-reset bug (https://sqlite.org/wal.html#walresetbug).

Two processes that write and checkpoint at the same moment may, very rarely, damage the database; here web and worker
processes always write to the same one.
"""

import sqlite3
from typing import Any

from django.conf import settings
from django.core import checks

SINCE, FIXED = (3, 7, 0), (3, 51, 3)
FIXED_EARLIER = ((3, 44, 6), (3, 50, 7))
"""Releases of older series that have the fix."""


def has_bug(version: tuple[int, ...]) -> bool:
    is_patched = any(version[:2] == fixed[:2] and version >= fixed for fixed in FIXED_EARLIER)
    return SINCE <= version < FIXED and not is_patched


def affected_version() -> str:
    """The version of the SQLite in use if it has the bug, else empty (also where the database is PostgreSQL)."""
    is_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    return sqlite3.sqlite_version if is_sqlite and has_bug(sqlite3.sqlite_version_info) else ""


@checks.register(checks.Tags.security, deploy=True)
def check(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    version = affected_version()
    if not version:
        return []
    return [
        checks.Warning(
            f"SQLite {version} has the WAL-reset bug, which may very rarely damage the database.",
            hint="Make a backup every day, use PostgreSQL, or use SQLite 3.51.3 or newer.",
            id="coach.W001",
        )
    ]

"""Notices that PostgreSQL's database was made with another version of the library that sorts text.

An upgrade of the operating system, or an image with a newer one, changes the order of words; indexes on text keep the
old order, find nothing, or let a name in twice (https://wiki.postgresql.org/wiki/Locale_data_changes).
"""

from django.db import connection

FIRST_WITH_VERSIONS = 150_000
_VERSIONS = """
    SELECT datcollversion, pg_database_collation_actual_version(oid) FROM pg_database WHERE datname = current_database()
"""


def changed() -> str:
    """`2.36 → 2.41` if the versions differ, else empty (also on SQLite, and before PostgreSQL 15)."""
    if connection.vendor != "postgresql" or connection.pg_version < FIRST_WITH_VERSIONS:  # type: ignore[attr-defined]
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS)
        made_with, now = cursor.fetchone()
    # Both null: the order is that of the bytes, which no library changes.
    return f"{made_with} → {now}" if made_with and now and made_with != now else ""

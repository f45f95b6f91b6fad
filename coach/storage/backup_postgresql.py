"""Copies the tables of a PostgreSQL database to files and back, without version-specific tools."""

from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from coach.storage.backup import BackupError

PIECE_BYTES = 1 << 20


def copy_tables(folder: Path) -> dict[str, Any]:
    """Write a snapshot of every table; returns the manifest's entries about it."""
    connection.close()
    connection.ensure_connection()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        tables: dict[str, list[str]] = {}
        names = sorted(connection.introspection.table_names(cursor))
        if not names:
            raise BackupError("the database holds no tables: is DATABASE_URL the right one?")
        for table in names:
            columns = _columns(cursor, table)
            tables[table] = columns
            with (
                (folder / f"{table}.copy").open("wb") as file,
                _raw(cursor).copy(_sql("TO STDOUT", table, columns)) as copy,
            ):
                for piece in copy:
                    file.write(piece)
        return {
            "tables": tables,
            "migrations": sorted(map("/".join, MigrationRecorder(connection).applied_migrations())),
        }


def load_tables(folder: Path, manifest: dict[str, Any], *, overwrite: bool = False) -> None:
    """Fill a freshly migrated database, in one transaction. Raises BackupError and changes nothing."""
    tables: dict[str, list[str]] = manifest["tables"]
    with transaction.atomic(), connection.cursor() as cursor:
        here = sorted(map("/".join, MigrationRecorder(connection).applied_migrations()))
        if here != manifest["migrations"]:
            raise BackupError(
                "the database is not of the release that made this backup: run `manage.py migrate` of that release on "
                "an empty database, restore, and upgrade then"
            )
        if not overwrite and (filled := _filled(cursor)):
            raise BackupError(f"the database has {filled} already: restore into an empty one, or pass --force")
        cursor.execute("SET LOCAL statement_timeout = 0")
        names = ", ".join(connection.ops.quote_name(table) for table in tables)
        cursor.execute(f"TRUNCATE {names}")
        for table, columns in tables.items():
            quoted = connection.ops.quote_name(table)
            # Nothing must be mirrored or counted again: the backup already contains what triggers maintain.
            cursor.execute(f"ALTER TABLE {quoted} DISABLE TRIGGER USER")
            with (
                (folder / f"{table}.copy").open("rb") as file,
                _raw(cursor).copy(_sql("FROM STDIN", table, columns)) as copy,
            ):
                while piece := file.read(PIECE_BYTES):
                    copy.write(piece)
            # Foreign keys are normally checked when the transaction ends, but a table with pending checks cannot be
            # altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {connection.ops.quote_name(table)} ENABLE TRIGGER USER")
        _reset_sequences(cursor, tables)


def _filled(cursor: Any) -> str:
    """The kind of user data present, if any; a freshly migrated database has only groups and permissions."""
    for table, what in (
        ("practice_practicesession", "sessions"),
        ("practice_scenario", "scenarios"),
        ("auth_user", "accounts"),
    ):
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")  # noqa: S608 (names are this program's own)
        if cursor.fetchone()[0]:
            return what
    return ""


def _columns(cursor: Any, table: str) -> list[str]:
    """The stored columns; generated ones are recomputed."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attgenerated = '' ORDER BY attnum",
        [connection.ops.quote_name(table)],
    )
    return [name for (name,) in cursor.fetchall()]


def _reset_sequences(cursor: Any, tables: dict[str, list[str]]) -> None:
    for table in tables:
        for sequence in connection.introspection.get_sequences(cursor, table):
            name, column = connection.ops.quote_name(table), connection.ops.quote_name(sequence["column"])
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max({column}), 1), max({column}) IS NOT NULL) "  # noqa: S608
                f"FROM {name}",
                [name, sequence["column"]],
            )


def _raw(cursor: Any) -> Any:
    """psycopg's own cursor, which supports COPY."""
    return cursor.cursor


def _sql(direction: str, table: str, columns: list[str]) -> str:
    quote = connection.ops.quote_name
    return f"COPY {quote(table)} ({', '.join(map(quote, columns))}) {direction}"

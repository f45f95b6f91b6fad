"""Database triggers that add every change of a mirrored record to the outbox, in the same transaction.

They catch every kind of write: saves, bulk updates, compare-and-swap, cascades. Installed after every migration while
`LEAN_*` is set, and removed otherwise.
"""

from django.db import connection

from coach.leancloud.models import OutboxRow
from coach.leancloud.records import MirroredClass, Source, classes

OUTBOX = OutboxRow._meta.db_table
EVENTS = ("insert", "update", "delete")


def install() -> None:
    """Replace all triggers by those the registered classes need."""
    remove()
    with connection.cursor() as cursor:
        for mirrored in classes():
            for number, source in enumerate(mirrored.sources):
                for event in EVENTS:
                    for statement in _statements(mirrored, number, source, event):
                        cursor.execute(statement)


def remove() -> None:
    with connection.cursor() as cursor:
        for mirrored in classes():
            for number, source in enumerate(mirrored.sources):
                for event in EVENTS:
                    name = _name(mirrored, number, event)
                    on = "" if connection.vendor == "sqlite" else f" ON {source.table}"
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def installed() -> bool:
    """Whether the triggers are installed."""
    table = (
        "sqlite_master WHERE type = 'trigger' AND name" if connection.vendor == "sqlite" else "pg_trigger WHERE tgname"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} LIKE 'mirror\\_%%' ESCAPE '\\'", [])  # noqa: S608
        row = cursor.fetchone()
    return bool(row and row[0])


def _name(mirrored: MirroredClass, number: int, event: str) -> str:
    return f"mirror_{mirrored.name.lower()}_{number}_{event}"


def _statements(mirrored: MirroredClass, number: int, source: Source, event: str) -> list[str]:
    name, row = _name(mirrored, number, event), "OLD" if event == "delete" else "NEW"
    of = f" OF {', '.join(source.columns)}" if event == "update" and source.columns else ""
    note = _note(mirrored.name, source.record.format(row=row), source.session.format(row=row))
    if connection.vendor == "sqlite":
        return [f"CREATE TRIGGER {name} AFTER {event.upper()}{of} ON {source.table} BEGIN {note}; END"]
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {note}; RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER {event.upper()}{of} ON {source.table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def _note(class_name: str, record: str, session: str) -> str:
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if connection.vendor == "sqlite" else "clock_timestamp()"
    return (
        f"INSERT INTO {OUTBOX} "  # noqa: S608 (names and expressions are this program's own)
        f"(class_name, record_id, session_id, version, created_at, next_attempt_at, attempts, last_error) "
        f"SELECT '{class_name}', noted.record, coalesce({session}, ''), 1, {now}, {now}, 0, '' "
        f"FROM (SELECT {record} AS record) AS noted WHERE noted.record IS NOT NULL "
        f"ON CONFLICT (class_name, record_id) DO UPDATE "
        f"SET version = {OUTBOX}.version + 1, next_attempt_at = {now}, attempts = 0, "
        # `outbox.note` names no session, and a row that is gone may not know its session any more.
        f"session_id = CASE WHEN excluded.session_id <> '' THEN excluded.session_id ELSE {OUTBOX}.session_id END"
    )

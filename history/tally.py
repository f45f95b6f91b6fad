"""Keeps each trainee's sessions and seconds per scenario up to date with triggers, so that no page has to count.

Whatever writes sessions (a start, an end, a pull, a cascade, a bulk delete), the tally is updated in the same
transaction. SQLite drops a table's triggers when a migration rebuilds the table, so they are checked after all
migrations have run.
"""

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

TALLY, SESSIONS = "history_tally", "practice_practicesession"
TRIGGERS = ("tally_insert", "tally_delete", "tally_update")
COUNTED = ("sessions", "held", "seconds")
WATCHED = ("user_id", "scenario_id", "started_at", "ended_at")
_SECONDS = {
    "sqlite": "CAST(round(86400 * (julianday({row}ended_at) - julianday({row}started_at))) AS integer)",
    "postgresql": "CAST(round(extract(epoch from {row}ended_at - {row}started_at)) AS integer)",
}
# An upsert that adds to the existing counts.
_ADD = (
    f"INSERT INTO {TALLY} (user_id, scenario_id, {', '.join(COUNTED)}) {{rows}} ON CONFLICT (user_id, scenario_id) "  # noqa: S608 (names are this program's own)
    f"DO UPDATE SET {', '.join(f'{name} = {TALLY}.{name} + excluded.{name}' for name in COUNTED)}"
)
_DROP_EMPTY = f"DELETE FROM {TALLY} WHERE sessions = 0 AND (user_id, scenario_id)"  # noqa: S608


def keep() -> None:
    """Install the triggers and count everything, unless they exist (or the table does not)."""
    with transaction.atomic(), connection.cursor() as cursor:
        if kept(cursor) or TALLY not in connection.introspection.table_names(cursor):
            return
        for statement in _sqlite() if connection.vendor == "sqlite" else _postgresql():
            cursor.execute(statement)
        cursor.execute(f"DELETE FROM {TALLY}")  # noqa: S608
        cursor.execute(_ADD.format(rows=_all_of(SESSIONS, 1)))


def kept(cursor: CursorWrapper) -> bool:
    """Whether all triggers exist."""
    table, name = ("sqlite_master", "name") if connection.vendor == "sqlite" else ("pg_trigger", "tgname")
    cursor.execute(f"SELECT {name} FROM {table} WHERE {name} LIKE 'tally%%'", [])  # noqa: S608
    return {found for (found,) in cursor.fetchall()} >= set(TRIGGERS)


def stop() -> None:
    """Remove the triggers, before the table is dropped."""
    on = "" if connection.vendor == "sqlite" else f" ON {SESSIONS}"
    with connection.cursor() as cursor:
        for name in TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def _one(row: str, times: int) -> str:
    """What one session adds: itself, whether it was held, and its seconds."""
    seconds = _SECONDS[connection.vendor].format(row=row)
    held = f"CASE WHEN {seconds} IS NULL THEN 0 ELSE {times} END"
    return f"{times} AS sessions, {held} AS held, {times} * coalesce({seconds}, 0) AS seconds"


def _row(row: str, times: int) -> str:
    return f"SELECT {row}.user_id, {row}.scenario_id, {_one(f'{row}.', times)} WHERE true"


def _all_of(table: str, times: int) -> str:
    """In the same order for every writer, so that two of them cannot deadlock."""
    counted = f"SELECT user_id, scenario_id, {_one('', times)} FROM {table}"  # noqa: S608
    sums = ", ".join(f"sum({name})" for name in COUNTED)
    return (
        f"SELECT user_id, scenario_id, {sums} FROM "  # noqa: S608
        f"({counted}) AS counted "
        f"WHERE true GROUP BY user_id, scenario_id ORDER BY user_id, scenario_id"
    )


def _moved() -> str:
    differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    return " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in WATCHED)


def _sqlite() -> list[str]:
    more, fewer = _ADD.format(rows=_row("NEW", 1)), _ADD.format(rows=_row("OLD", -1))
    drop_empty = f"{_DROP_EMPTY} = (OLD.user_id, OLD.scenario_id)"
    return [
        f"CREATE TRIGGER IF NOT EXISTS tally_insert AFTER INSERT ON {SESSIONS} BEGIN {more}; END",
        f"CREATE TRIGGER IF NOT EXISTS tally_delete AFTER DELETE ON {SESSIONS} BEGIN {fewer}; {drop_empty}; END",
        f"CREATE TRIGGER IF NOT EXISTS tally_update AFTER UPDATE OF {', '.join(WATCHED)} ON {SESSIONS} "
        f"WHEN {_moved()} BEGIN {more}; {fewer}; {drop_empty}; END",
    ]


def _postgresql() -> list[str]:
    """One statement that writes many sessions updates each count once."""
    in_gone = "IN (SELECT user_id, scenario_id FROM gone)"
    bodies = {
        "tally_insert": _ADD.format(rows=_all_of("added", 1)),
        "tally_delete": f"{_ADD.format(rows=_all_of('gone', -1))}; {_DROP_EMPTY} {in_gone}",
        "tally_update": f"{_ADD.format(rows=_row('NEW', 1))}; {_ADD.format(rows=_row('OLD', -1))}; "
        f"{_DROP_EMPTY} = (OLD.user_id, OLD.scenario_id)",
    }
    return [
        *(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {body}; RETURN NULL; END $$"
            for name, body in bodies.items()
        ),
        f"CREATE OR REPLACE TRIGGER tally_insert AFTER INSERT ON {SESSIONS} "
        "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tally_insert()",
        f"CREATE OR REPLACE TRIGGER tally_delete AFTER DELETE ON {SESSIONS} "
        "REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_delete()",
        f"CREATE OR REPLACE TRIGGER tally_update AFTER UPDATE OF {', '.join(WATCHED)} ON {SESSIONS} "
        f"FOR EACH ROW WHEN ({_moved()}) EXECUTE FUNCTION tally_update()",
    ]

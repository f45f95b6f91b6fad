"""Database connections: time limits, recovery after a restart, connections for periodic work, encoding."""

import asyncio
import io
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection, transaction

from coach.database import collation, migrating
from coach.threads import THREADS, in_timely_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


LAID_BY = 7
"""More than psycopg's own check gets through before its caller has waited long enough."""


def closing(look: Callable[[], object]) -> object:
    """Call `look`, then return this thread's connection to the pool."""
    try:
        return look()
    finally:
        connection.close()


def asked(query: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return row and row[0]


def test_queries_and_locks_have_time_limits() -> None:
    if connection.vendor == "sqlite":
        assert asked("PRAGMA busy_timeout") == 20_000
        assert asked("PRAGMA journal_mode") == "wal"
        return
    assert asked("SHOW statement_timeout") == "30s"
    with transaction.atomic():
        asked("SELECT set_config('statement_timeout', '50', true)")
        with pytest.raises(OperationalError, match="statement timeout"):
            asked("SELECT pg_sleep(5)")
        transaction.set_rollback(True)


@contextmanager
def a_long_query_on(table: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as reader:
        reader.execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
        yield reader


def test_a_migration_never_stands_long_in_front_of_those_who_read(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        return
    monkeypatch.setattr(migrating, "LOCK_MILLISECONDS", 50)
    monkeypatch.setattr(migrating, "TRY_AGAIN_SECONDS", 0.0)
    said: list[str] = []

    def change() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            assert asked("SHOW statement_timeout") == "0"
            cursor.execute("ALTER TABLE signin_attempt ADD COLUMN more integer")
            cursor.execute("ALTER TABLE signin_attempt DROP COLUMN more")

    with a_long_query_on("signin_attempt") as reader, migrating.short_waits_for_locks():

        def say(line: str) -> None:
            said.append(line)
            if len(said) == 2:
                reader.rollback()

        migrating.until_tables_are_free(change, say)
    assert len(said) == 2
    assert asked("SHOW statement_timeout") == "30s"
    assert asked("SHOW lock_timeout") == "0"
    monkeypatch.setattr(migrating, "GIVE_UP_SECONDS", -1.0)
    given_up = pytest.raises(migrating.TableInUse, match="pg_stat_activity")
    with a_long_query_on("signin_attempt"), migrating.short_waits_for_locks(), given_up:
        migrating.until_tables_are_free(change, said.append)


def test_two_machines_migrate_one_after_the_other() -> None:
    if connection.vendor == "sqlite":
        return
    waits = Event()

    class Said(io.StringIO):
        def write(self, text: str) -> int:
            if "Waiting for another migrate" in text:
                waits.set()
            return super().write(text)

    def migrate() -> str:
        call_command("migrate", plan=True, stdout=(said := Said()))
        return said.getvalue()

    with ThreadPoolExecutor() as other:
        with migrating.alone(print):
            later = other.submit(closing, migrate)
            assert waits.wait(60)
            assert not later.done()
        assert "Planned operations" in str(later.result(60))


def test_a_changed_collation_version_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert collation.changed() == ""
    if connection.vendor == "sqlite":
        return
    for made_with, now, noticed in (("2.36", "2.41", "2.36 → 2.41"), ("2.41", "2.41", ""), (None, None, "")):
        versions = f"SELECT {made_with or 'NULL'}::text, {now or 'NULL'}::text FROM pg_database LIMIT 1"
        monkeypatch.setattr(collation, "_VERSIONS", versions)
        assert collation.changed() == noticed


def test_after_a_server_restart_the_pool_hands_out_no_dead_connection() -> None:
    if connection.vendor == "sqlite":
        assert connection.settings_dict["CONN_MAX_AGE"] is None
        return
    assert connection.settings_dict["CONN_HEALTH_CHECKS"]
    # A pool of this test alone.
    connection.close()
    connection.close_pool()
    together = Barrier(LAID_BY)

    def pid_while_others_hold_theirs() -> object:
        pid = asked("SELECT pg_backend_pid()")
        together.wait(20)
        return pid

    # stays in use, so the pool gives the other threads different ones
    asked("SELECT 1")
    with ThreadPoolExecutor(LAID_BY) as threads:
        laid_by = {
            each.result() for each in [threads.submit(closing, pid_while_others_hold_theirs) for _ in range(LAID_BY)]
        }
    assert len(laid_by) == LAID_BY
    for pid in laid_by:
        asked("SELECT pg_terminate_backend(%s)", pid)
    with ThreadPoolExecutor(1) as threads:
        found = threads.submit(closing, lambda: asked("SELECT pg_backend_pid()")).result()
    assert found not in laid_by


def test_periodic_work_of_a_process_does_not_wait_for_the_pool() -> None:
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()
    busy = connection.settings_dict["OPTIONS"].get("pool", {}).get("max_size", THREADS)
    held, looked = Barrier(busy + 1), Barrier(busy + 1)

    def hold() -> None:
        asked("SELECT 1")
        held.wait(20)
        looked.wait(20)

    def look(*, now: Any) -> object:
        return asked("SELECT 2")

    with ThreadPoolExecutor(busy) as threads:
        holding = [threads.submit(closing, hold) for _ in range(busy)]
        held.wait(20)
        try:
            assert asyncio.run(asyncio.wait_for(in_timely_thread(look), 9)) == 2
        finally:
            looked.wait(20)
        for each in holding:
            each.result()


def test_a_database_that_is_not_utf_8_is_refused_before_the_first_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if connection.vendor == "sqlite":
        assert asked("PRAGMA encoding") == "UTF-8"
        return
    name = f"ascii_{secrets.token_hex(4)}"
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        try:
            monkeypatch.setitem(connection.settings_dict, "NAME", name)
            closing(lambda: None)
            connection.close_pool()
            with pytest.raises(SystemCheckError, match="is in SQL_ASCII; it has to be in UTF8"):
                call_command("check", databases=["default"])
        finally:
            connection.close()
            connection.close_pool()
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")

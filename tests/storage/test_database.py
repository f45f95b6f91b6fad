"""The database connection keeps its promises: no query without an end, no dead connection handed out."""

import threading
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, transaction

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def in_a_thread(look: Callable[[], object]) -> object:
    """What `look` returns, on a connection that goes back to the pool afterwards."""
    seen: list[object] = []

    def run() -> None:
        try:
            seen.append(look())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    (answer,) = seen
    return answer


def asked(query: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return row and row[0]


def test_nothing_waits_for_ever() -> None:
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


def test_a_connection_that_died_in_the_pool_is_not_handed_out() -> None:
    if connection.vendor == "sqlite":
        assert connection.settings_dict["CONN_MAX_AGE"] is None
        return
    assert connection.settings_dict["CONN_HEALTH_CHECKS"]
    # A pool of this test alone: of many dead connections it tries each in turn, pausing longer each time.
    connection.close()
    connection.close_pool()
    # Held from here on: the pool gives the threads another one.
    asked("SELECT 1")
    first = in_a_thread(lambda: asked("SELECT pg_backend_pid()"))
    assert in_a_thread(lambda: asked("SELECT pg_backend_pid()")) == first
    asked("SELECT pg_terminate_backend(%s)", first)
    assert in_a_thread(lambda: asked("SELECT pg_backend_pid()")) != first

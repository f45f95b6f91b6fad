"""Work that lost a database conflict is retried at every entry point; no client gets a 500."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, transaction
from django.test import Client

from coach.celery import app
from coach.database import conflicts
from coach.threads import in_thread
from practice import sessions

pytestmark = pytest.mark.django_db(transaction=True)

LOST = [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, psycopg.errors.LockNotAvailable]


class Losing:
    """A callable that loses a conflict `times` times, then works."""

    def __init__(self, times: int, cause: type[Exception] = psycopg.errors.DeadlockDetected) -> None:
        self.times = times
        self.cause = cause
        self.calls = 0

    def __call__(self, *args: Any, **options: Any) -> str:
        self.calls += 1
        if self.calls <= self.times:
            raise OperationalError("lost") from self.cause()
        return "done"


@pytest.fixture(autouse=True)
def _retries_without_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflicts, "FIRST_PAUSE_SECONDS", 0)


@pytest.mark.parametrize("cause", LOST)
def test_work_that_lost_a_conflict_is_retried(cause: type[Exception]) -> None:
    work = Losing(3, cause)
    assert (conflicts.retried(work)(), work.calls) == ("done", 4)


def test_a_busy_sqlite_is_a_conflict(tmp_path: Path) -> None:
    one = sqlite3.connect(tmp_path / "db", isolation_level=None)
    other = sqlite3.connect(tmp_path / "db", isolation_level=None, timeout=0)
    one.execute("CREATE TABLE said (words)")
    one.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as busy:
        other.execute("BEGIN IMMEDIATE")
    error = OperationalError()
    error.__cause__ = busy.value
    assert conflicts.is_conflict(error)
    one.close()
    other.close()


def test_work_that_always_loses_fails_after_the_last_retry() -> None:
    work = Losing(1_000)
    with pytest.raises(OperationalError):
        conflicts.retried(work)()
    assert work.calls == conflicts.TRIES


@pytest.mark.parametrize("error", [OperationalError("no such table"), ValueError(), KeyError()])
def test_other_errors_are_raised_at_once(error: Exception) -> None:
    calls = []

    def work() -> None:
        calls.append(1)
        raise error

    with pytest.raises(type(error)):
        conflicts.retried(work)()
    assert calls == [1]


def test_work_inside_an_open_transaction_is_not_retried_alone() -> None:
    work = Losing(1)
    with pytest.raises(OperationalError), transaction.atomic():
        conflicts.retried(work)()
    assert work.calls == 1


async def test_database_work_of_sockets_and_sweeps_is_retried() -> None:
    work = Losing(2)
    assert await in_thread(work) == "done"


def test_a_task_is_retried() -> None:
    work = Losing(2)

    @app.task(name="tests.losing", lazy=False)
    def losing() -> str:
        return work()

    assert losing() == "done"


@pytest.fixture
def losing_verb(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Losing]:
    """`losing_verb(times)` makes the operation behind an API address lose; after that, the session is unknown."""
    really = sessions.get

    def lose(times: int) -> Losing:
        losing = Losing(times)

        def get(*args: Any, **options: Any) -> Any:
            losing()
            return really(*args, **options)

        monkeypatch.setattr(sessions, "get", get)
        return losing

    return lose


def test_a_request_is_retried_and_answered(losing_verb: Callable[[int], Losing]) -> None:
    losing = losing_verb(2)
    answer = Client().post("/api/sessions/none/manual-stop", {"reason": "manual"}, content_type="application/json")
    assert (answer.status_code, losing.calls) == (404, 3)


def test_a_request_that_always_loses_is_a_503_with_retry_after(losing_verb: Callable[[int], Losing]) -> None:
    losing_verb(1_000)
    answer = Client().post("/api/sessions/none/manual-stop", {"reason": "manual"}, content_type="application/json")
    assert answer.status_code == 503
    assert answer["Content-Type"].startswith("application/problem+json")
    assert int(answer["Retry-After"]) > 0

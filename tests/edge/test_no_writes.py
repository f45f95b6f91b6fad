"""A disk that is full, failing or read-only: clients are told so, and nothing is lost."""

import sqlite3
from html import unescape
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, OperationalError
from django.test import Client

from coach.database.no_writes import takes_no_writes
from coach.edge import plain_page
from practice import sessions
from practice.views import room

pytestmark = pytest.mark.django_db


def caused_by(cause: BaseException, kind: type[DatabaseError] = OperationalError) -> DatabaseError:
    error = kind(str(cause) or "could not extend file: No space left on device")
    error.__cause__ = cause
    return error


@pytest.fixture
def full(tmp_path: Path) -> sqlite3.OperationalError:
    """The error that SQLite raises when its file cannot grow."""
    database = sqlite3.connect(tmp_path / "db")
    database.execute("CREATE TABLE said (words)")
    database.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError, match="full") as raised:
        database.execute("INSERT INTO said VALUES (zeroblob(100000))")
    database.close()
    return raised.value


@pytest.fixture
def read_only(tmp_path: Path) -> sqlite3.OperationalError:
    sqlite3.connect(tmp_path / "db").execute("CREATE TABLE said (words)")
    database = sqlite3.connect(f"file:{tmp_path / 'db'}?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly") as raised:
        database.execute("INSERT INTO said VALUES (1)")
    database.close()
    return raised.value


@pytest.mark.parametrize("name", ["full", "read_only"])
def test_a_request_that_cannot_be_saved_is_answered_with_an_explanation(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = caused_by(request.getfixturevalue(name))

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(sessions, "get", fails)
    monkeypatch.setattr(room, "_session", fails)
    answer = Client().post("/api/sessions/none/manual-stop", {"reason": "manual"}, content_type="application/json")
    assert answer.status_code == 503
    assert answer["Content-Type"].startswith("application/problem+json")
    assert "storage is full" in answer.json()["detail"]
    assert int(answer["Retry-After"]) >= 60
    page = Client().get("/sessions/none/")
    assert (page.status_code, page["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert page["Content-Security-Policy"] == plain_page.POLICY
    told = unescape(page.content.decode())
    assert "storage is full" in told
    assert "Try again now" in told


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (psycopg.errors.DiskFull(), OperationalError),
        (psycopg.errors.ReadOnlySqlTransaction(), DatabaseError),
        (psycopg.errors.IoError(), OperationalError),
    ],
)
def test_postgresqls_own_error_codes_are_recognised(cause: Exception, kind: type[DatabaseError]) -> None:
    assert takes_no_writes(caused_by(cause, kind))


@pytest.mark.parametrize("cause", [psycopg.errors.DeadlockDetected(), psycopg.errors.UndefinedTable(), ValueError()])
def test_other_database_errors_are_not_taken_for_a_full_disk(cause: Exception) -> None:
    assert not takes_no_writes(caused_by(cause))
    assert not takes_no_writes(OperationalError("no cause"))

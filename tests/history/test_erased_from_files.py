"""Words of an erased session are in no database file: not in free pages, the write-ahead log or the index."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from history import erasure, spoken_words
from history.models import Erasure
from history.tasks import sweep
from tests import cast
from tests.history.cast import past_session, said

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SECRET = "rhododendronbacherl"

pytestmark = pytest.mark.django_db(transaction=True)


def left_over() -> list[str]:
    """The database files that still contain the word."""
    file = Path(connection.settings_dict["NAME"])
    kept = [path for path in file.parent.glob(f"{file.name}*") if SECRET.encode() in path.read_bytes()]
    return [path.name for path in kept]


def test_an_erasure_removes_spoken_words_from_every_database_file() -> None:
    scenario = cast.scenario()
    sessions = [past_session(scenario, at=NOW) for _ in range(3)]
    for session, line in zip(sessions, [f"Say {SECRET} to nobody.", "Fine.", "Fine, too."], strict=True):
        said(session, line)
        spoken_words.note(session.pk)
    assert left_over()

    erasure.erase(sessions[0].pk, user_id=sessions[0].user_id, now=NOW)
    assert left_over(), "the log still shows it"
    reader = sqlite3.connect(connection.settings_dict["NAME"])
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM practice_turn").fetchone()
    sweep()
    assert Erasure.objects.get().confirmed_at is None, "somebody still reads the log"
    reader.close()
    sweep()
    assert left_over() == []
    assert Erasure.objects.get().confirmed_at is not None
    assert spoken_words.matching("pilot-user", "fine") is not None

"""The current number of sessions, places and open erasures is exported as gauges."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError

from coach.storage import audio
from coach.telemetry import names
from history.models import Erasure
from history.operator_reports import gauges
from practice.lifecycle import SessionStatus
from practice.limits import capacity
from practice.models import PracticeSession
from tests import cast
from tests.history.cast import past_session

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "close_old_connections", lambda: None)


def value(recorded, name: str) -> float:
    (point,) = recorded.points(name)
    return point.value


def test_sessions_places_and_open_erasures_are_exported(recorded) -> None:
    past_session(cast.scenario(), at=NOW)
    PracticeSession.objects.update(status=SessionStatus.ACTIVE, termination_reason="", ended_at=None)
    Erasure.objects.create(user_id="sam", session_id="gone", requested_at=NOW)
    audio.keep(b"mp3", duration_ms=900, now=NOW)
    gauges.watch()
    assert value(recorded, names.SESSIONS_ACTIVE) == 1
    assert value(recorded, names.SESSIONS_PENDING) == 0
    assert value(recorded, names.SESSIONS_LIMIT) == 2
    assert value(recorded, names.ERASURES_OPEN) == 1
    assert value(recorded, names.AUDIO_UNSETTLED) == 1
    assert value(recorded, names.MIRROR_BACKLOG) == 0
    assert value(recorded, names.MIRROR_FAILING) == 0
    assert recorded.points(names.MIRROR_AGE) == []


def test_a_gauge_that_cannot_be_read_exports_nothing_and_the_others_go_on(
    recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> int:
        raise DatabaseError

    monkeypatch.setattr(capacity, "active", away)
    gauges.watch()
    assert recorded.points(names.SESSIONS_ACTIVE) == []
    assert value(recorded, names.SESSIONS_PENDING) == 0

"""In a process that has too much to do nobody new begins, so that no accepted turn is lost."""

from datetime import UTC, datetime

import pytest

from coach import threads
from coach.config import config
from practice import capacity, sessions
from practice.lifecycle import Reason, SessionStatus
from practice.models import PracticeSession, Scenario
from tests import cast

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario()


def started(scenario: Scenario) -> PracticeSession:
    return sessions.start(sessions.Start(scenario.pk, NOW), user_id="pilot-user", now=NOW)


def waited(seconds: float) -> threads.Waits:
    waits = threads.Waits()
    for _ in range(threads.THREADS + 1):
        waits.ended(seconds)
    return waits


def test_a_process_that_is_late_admits_nobody_although_there_are_places(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "waits", waited(capacity.LATE_SECONDS - 0.1))
    assert started(scenario).status == SessionStatus.ACTIVE
    monkeypatch.setattr(threads, "waits", waited(capacity.LATE_SECONDS + 0.1))
    waiting = [started(scenario).status for _ in range(config.max_pending)]
    assert waiting == [SessionStatus.PENDING] * config.max_pending
    with pytest.raises(capacity.CapacityExceeded):
        started(scenario)


def test_who_waits_is_admitted_once_the_process_keeps_up_again(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(config), "max_active", property(lambda self: 2))
    first, _, third = started(scenario), started(scenario), started(scenario)
    monkeypatch.setattr(threads, "waits", waited(capacity.LATE_SECONDS + 0.1))
    sessions.end(first.pk, Reason.MANUAL, now=NOW)
    assert sessions.promote(now=NOW) == []
    monkeypatch.setattr(threads, "waits", threads.Waits())
    assert sessions.promote(now=NOW) == [third.pk]


def test_a_process_is_late_by_its_last_seconds_and_not_by_a_single_job() -> None:
    at = 0.0
    waits = threads.Waits(lambda: at)
    for _ in range(threads.THREADS):
        waits.ended(3.0)
    assert waits.median() == 0.0
    waits.ended(3.0)
    assert waits.median() == 3.0
    at = threads.RECENT_SECONDS + 0.1
    assert waits.median() == 0.0

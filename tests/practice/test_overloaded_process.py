"""An overloaded web process starts no sessions and loses no accepted turn."""

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from coach import threads
from coach.config import config
from practice import session_end, sessions
from practice.lifecycle import Reason, SessionStatus
from practice.limits import capacity
from practice.models import PracticeSession, Scenario
from practice.turns import replies
from tests import cast
from tests.practice.running_web import RunningWeb

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario()


def started(scenario: Scenario) -> PracticeSession:
    return sessions.start(sessions.Start(scenario.pk, NOW), user_id="pilot-user", now=NOW)


def waited(seconds: float) -> threads.Waits:
    waits = threads.Waits(lambda: 0.0)  # time stands still: they stay recent
    for _ in range(threads.THREADS + 1):
        waits.ended(seconds)
    return waits


def test_an_overloaded_process_admits_nobody_even_with_free_places(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "waits", waited(capacity.LATE_SECONDS - 0.1))
    assert started(scenario).status == SessionStatus.ACTIVE
    monkeypatch.setattr(threads, "waits", waited(capacity.LATE_SECONDS + 0.1))
    waiting = [started(scenario).status for _ in range(config.max_pending)]
    assert waiting == [SessionStatus.PENDING] * config.max_pending
    with pytest.raises(capacity.CapacityExceeded):
        started(scenario)


def test_a_waiting_session_is_admitted_once_the_process_keeps_up(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(config), "max_active", property(lambda self: 2))
    first, _, third = started(scenario), started(scenario), started(scenario)
    monkeypatch.setattr(threads, "waits", waited(capacity.LATE_SECONDS + 0.1))
    session_end.end(first.pk, Reason.MANUAL, now=NOW)
    assert sessions.promote(now=NOW) == []
    monkeypatch.setattr(threads, "waits", threads.Waits())
    assert sessions.promote(now=NOW) == [third.pk]


def test_overload_is_judged_by_the_last_seconds_and_not_by_a_single_job() -> None:
    at = 0.0
    waits = threads.Waits(lambda: at)
    for _ in range(threads.THREADS):
        waits.ended(3.0)
    assert waits.median() == 0.0
    waits.ended(3.0)
    assert waits.median() == 3.0
    at = threads.RECENT_SECONDS + 0.1
    assert waits.median() == 0.0


async def test_a_reply_claimed_while_leases_are_being_renewed_is_spoken(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, renew = replies.claim, replies.renew
    claiming, renewed = threading.Event(), threading.Event()

    def claimed_late(*args: Any, **kwargs: Any) -> Any:
        claiming.set()
        renewed.wait()
        return claim(*args, **kwargs)

    def told_late(*args: Any, **kwargs: Any) -> Any:
        ours = renew(*args, **kwargs)
        renewed.set()
        web.fake.wait_for(2, "roleplay", having="receivedAt")
        return ours

    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        monkeypatch.setattr(replies, "claim", claimed_late)
        monkeypatch.setattr(replies, "renew", told_late)
        web.fake.answer("roleplay", text=["I know. ", "It is late again."], hold="renewed")
        await talker.type(1, "What do you propose?")
        await asyncio.to_thread(claiming.wait)
        await web.runtime.runner.renew()
        web.fake.release("renewed")
        assert (await talker.reply(2))["transcript"] == "I know. It is late again."
    assert (await web.session(session_id)).status == SessionStatus.ACTIVE

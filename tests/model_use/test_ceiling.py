"""At the daily cost ceiling no new session starts; running ones continue, and the message says what to do."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client

from coach import clock
from coach.config import config, model_prices
from coach.model_use import totals
from coach.model_use.ceiling import CeilingReached
from practice import session_end, sessions
from practice.lifecycle import Reason, SessionStatus
from practice.models import PracticeSession, Scenario
from tests import cast
from tests.model_use.test_totals import called, use

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TOKENS = 1_000_000
"""Of output, at 1 a million: one unit of money."""


@pytest.fixture(autouse=True)
def _ceiling_of_ten() -> Iterator[None]:
    given = {
        "model_prices": model_prices.read("talker=0/1"),
        "daily_cost_ceiling": Decimal(10),
        "operator_time_zone": "Europe/Berlin",
    }
    before = {name: use(name, value) for name, value in given.items()}
    yield
    for name, value in before.items():
        use(name, value)


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario()


def spend(units: float, *, session: str = "", at: datetime = NOW) -> None:
    totals.add(called(0, round(units * TOKENS), session_id=session), now=at)


def start(scenario: Scenario, now: datetime = NOW) -> PracticeSession:
    return sessions.start(sessions.Start(scenario.pk, now), user_id="pilot-user", now=now)


@pytest.mark.django_db
@pytest.mark.postgres
class TestStarts:
    def test_below_the_ceiling_a_session_starts(self, scenario: Scenario) -> None:
        spend(9.99)
        assert start(scenario).status == SessionStatus.ACTIVE

    def test_at_the_ceiling_none_does_and_a_running_one_goes_on(self, scenario: Scenario) -> None:
        running = start(scenario)
        spend(10)
        with pytest.raises(CeilingReached):
            start(scenario)
        running.refresh_from_db()
        assert running.status == SessionStatus.ACTIVE
        assert PracticeSession.objects.count() == 1

    def test_the_ceiling_starts_again_on_the_operators_next_day(self, scenario: Scenario) -> None:
        spend(10)
        almost = datetime(2026, 3, 10, 22, 59, 59, tzinfo=UTC)
        with pytest.raises(CeilingReached) as refused:
            start(scenario, almost)
        assert refused.value.retry_after == 1
        assert start(scenario, almost + timedelta(seconds=1)).status == SessionStatus.ACTIVE

    def test_running_sessions_count_with_the_cost_of_a_typical_one(self, scenario: Scenario) -> None:
        spend(4, session="past", at=NOW - timedelta(days=1))
        start(scenario)
        start(scenario)
        spend(2)
        with pytest.raises(CeilingReached):
            start(scenario)
        session_end.end(PracticeSession.objects.latest("created_at").pk, Reason.MANUAL, now=NOW)
        assert start(scenario).status == SessionStatus.ACTIVE

    def test_without_a_ceiling_costs_stop_nobody(self, scenario: Scenario) -> None:
        use("daily_cost_ceiling", None)
        spend(1_000)
        assert start(scenario).status == SessionStatus.ACTIVE


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "New ones can start from 20"), ("zh-hans", "今天的谈话预算已经用完")],
)
def test_the_refusal_says_what_to_do_in_the_readers_language(
    client: Client, scenario: Scenario, language: str, words: str
) -> None:
    earlier = sessions.start(sessions.Start(scenario.pk, clock.now()), user_id="pilot-user", now=clock.now())
    spend(10, at=clock.now())
    said = {"clientSessionStartedAt": clock.now().isoformat()}
    for url, body in (
        ("/api/sessions", {"scenarioId": scenario.pk, **said}),
        (f"/api/sessions/{earlier.pk}/practice-again", said),
    ):
        answer = client.post(url, json.dumps(body), "application/json", headers={"accept-language": language})
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 25 * 3600
        assert answer.json()["code"] == "daily_cost_ceiling"
        assert words in answer.json()["detail"]
        assert "Europe/Berlin" in answer.json()["detail"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_of_fifty_simultaneous_starts_only_those_that_fit_below_the_ceiling_pass(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in docs/operations.md: with 5 of 10 units spent, three more sessions of 2 units fit."""
    monkeypatch.setattr(type(config), "max_active", property(lambda self: 50))
    spend(2, session="past", at=NOW - timedelta(days=1))
    spend(5)

    def try_to(_: int) -> bool:
        try:
            start(scenario)
        except CeilingReached:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(16) as threads:
        passed = sum(threads.map(try_to, range(50)))
    assert passed == PracticeSession.objects.count() == 3

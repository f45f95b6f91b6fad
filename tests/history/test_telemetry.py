"""Telemetry of the history: latencies, steps and erasures, but never what was searched for."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from coach.telemetry import names
from history import erasure
from history.operator_reports import success_criteria
from practice.models import PracticeSession, Scenario
from tests import cast
from tests.history.cast import past_session
from tests.talker import iso, real_now

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario(title="A zebra in the office", category="Work")


@pytest.fixture
def session(scenario: Scenario) -> PracticeSession:
    return past_session(scenario, at=NOW)


@pytest.fixture
def span(recorded) -> Callable[[str], dict[str, Any]]:
    def only(name: str) -> dict[str, Any]:
        (found,) = recorded.spans(name)
        return dict(found.attributes)

    return only


@pytest.mark.parametrize(
    ("path", "route", "size"), [("/history/?", "list page", 20), ("/api/sessions?historyStepCount=1&", "list API", 20)]
)
def test_listing_sessions_records_page_order_and_filter_names(
    client: Client,
    session: PracticeSession,
    recorded,
    span,
    path: str,
    route: str,
    size: int,
) -> None:
    client.get(f"{path}page=1&search=zebra&category=Work&sort=startedAtAsc")
    told = span(names.HISTORY_LIST)
    assert told[names.LATENCY_MS] >= 0
    expected = {"route": route, "page": 1, "pageSize": size, "sort": "startedAtAsc", "filters": "category,search"}
    assert expected.items() <= told.items()
    assert "zebra" not in str(told)
    (point,) = recorded.points(names.HISTORY_LATENCY)
    assert (point.count, dict(point.attributes)) == (1, {"route": route})


@pytest.mark.parametrize(
    ("path", "route"), [("/history/{pk}/", "detail page"), ("/api/sessions/{pk}?historyStepCount=3", "detail API")]
)
def test_opening_a_session_records_steps_and_latency(
    client: Client,
    session: PracticeSession,
    recorded,
    span,
    path: str,
    route: str,
) -> None:
    client.get(path.format(pk=session.pk))
    told, steps = span(names.HISTORY_DETAIL), 1 if route == "detail page" else 3
    expected = {"route": route, "sessionId": session.pk, "steps": steps, "withinTarget": steps <= 2, "status": "ok"}
    assert expected.items() <= told.items()
    (point,) = recorded.points(names.HISTORY_STEPS)
    assert (point.count, point.sum) == (1, steps)
    (point,) = recorded.points(names.HISTORY_LATENCY)
    assert dict(point.attributes) == {"route": route}


def test_sc_004_is_the_share_of_sessions_opened_in_two_steps(client: Client, scenario: Scenario) -> None:
    for steps in (1, 2, 3, 2):
        client.get(f"/api/sessions/{past_session(scenario, at=NOW).pk}?historyStepCount={steps}")
    found = {one.code: one for one in success_criteria.criteria(now=real_now(), days=1)}["SC-004"]
    assert (found.kept, found.of, found.share, found.is_met) == (3, 4, 75, False)


def test_practising_again_records_the_earlier_session(client: Client, session: PracticeSession, span) -> None:
    body = {"clientSessionStartedAt": iso(real_now())}
    path = f"/api/sessions/{session.pk}/practice-again"
    assert client.post(path, body, content_type="application/json").status_code == 201
    assert span(names.PRACTICE_AGAIN)[names.SESSION_ID] == session.pk


def test_an_erasure_is_recorded_when_requested_and_when_done(
    client: Client,
    session: PracticeSession,
    recorded,
    span,
) -> None:
    client.delete(f"/api/sessions/{session.pk}")
    assert span(names.ERASURE_REQUEST)[names.SESSION_ID] == session.pk
    assert erasure.confirm_done(NOW) == 1
    assert span(names.ERASURE)[names.COUNT] == 1
    erasure.confirm_done(NOW)
    assert len(recorded.spans(names.ERASURE)) == 1

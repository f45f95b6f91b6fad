"""The history API that external clients rely on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from history.models import Visit
from practice.lifecycle import AsrStatus, ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Scenario, Turn
from tests import cast
from tests.history.cast import past_session

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario()


def asked(client: Client, path: str, **query: Any) -> tuple[int, Any]:
    response = client.get(f"/api/sessions{path}", {"historyStepCount": 1, **query})
    return response.status_code, response.json()


def test_the_list_returns_one_page_and_the_total(client: Client, scenario: Scenario) -> None:
    for number in range(3):
        past_session(scenario, at=NOW + timedelta(hours=number))
    status, body = asked(client, "", pageSize=2, page=2)
    assert status == 200
    assert (body["page"], body["pageSize"], body["total"]) == (2, 2, 3)
    (item,) = body["items"]
    assert (item["startedAt"], item["totalDurationSeconds"]) == ("2026-01-05T09:00:00.000Z", 240)


@pytest.mark.parametrize(
    "query",
    [
        {"historyStepCount": 0},
        {"historyStepCount": "two"},
        {"page": 0},
        {"pageSize": 51},
        {"pageSize": 0},
        {"sort": "title"},
        {"search": "a\x00b"},
    ],
)
def test_unknown_list_parameters_are_named(client: Client, query: dict[str, Any]) -> None:
    status, body = asked(client, "", **query)
    assert status == 422
    assert body["errors"][0]["field"] == next(iter(query))


@pytest.mark.parametrize("path", ["", "/{id}"])
def test_the_step_count_is_required(client: Client, scenario: Scenario, path: str) -> None:
    session = past_session(scenario, at=NOW)
    response = client.get("/api/sessions" + path.format(id=session.pk))
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "historyStepCount"


def test_a_session_has_all_turns_with_signed_audio_but_no_unanswered_replies(
    client: Client, scenario: Scenario
) -> None:
    session = past_session(scenario, at=NOW)
    Turn.objects.create(
        session=session,
        sequence=0,
        speaker=Speaker.AI,
        reply_status=ReplyStatus.COMPLETE,
        transcript="Hello.",
        created_at=NOW,
    )
    Turn.objects.create(
        session=session, sequence=1, speaker=Speaker.TRAINEE, asr_status=AsrStatus.FAILED, created_at=NOW
    )
    Turn.objects.create(session=session, sequence=2, speaker=Speaker.AI, reply_status=ReplyStatus.DUE, created_at=NOW)
    status, body = asked(client, f"/{session.pk}")
    assert status == 200
    assert [turn["sequence"] for turn in body["turns"]] == [0, 1]
    assert body["session"]["id"] == session.pk
    assert body["scenario"]["title"] == scenario.title
    assert body["evaluation"] is None


def test_opening_an_ended_session_counts_as_one_visit_and_head_as_none(client: Client, scenario: Scenario) -> None:
    session = past_session(scenario, at=NOW)
    client.head(f"/api/sessions/{session.pk}?historyStepCount=2")
    assert not Visit.objects.exists()
    for _ in range(3):
        asked(client, f"/{session.pk}", historyStepCount=2)
    assert Visit.objects.get().step_count == 2


def test_an_erased_session_is_404_for_ever(client: Client, scenario: Scenario) -> None:
    session = past_session(scenario, at=NOW)
    assert client.delete(f"/api/sessions/{session.pk}").status_code == 204
    for method in (client.get, client.delete):
        assert method(f"/api/sessions/{session.pk}?historyStepCount=1").status_code == 404
    assert not PracticeSession.objects.exists()


def test_another_trainees_session_is_404(client: Client, scenario: Scenario) -> None:
    session = past_session(scenario, at=NOW, user="sam")
    assert asked(client, f"/{session.pk}")[0] == 404
    assert client.delete(f"/api/sessions/{session.pk}").status_code == 404
    assert PracticeSession.objects.filter(pk=session.pk, status=SessionStatus.ENDED).exists()

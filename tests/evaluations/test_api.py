"""Tests GET and POST /api/sessions/{id}/evaluation."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from evaluations import evaluation_job, evaluation_schema
from evaluations.models import Evaluation
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession
from tests.evaluations.cast import ENDED, ended_session, queued, reloaded, run
from tests.evaluations.talks import answer
from tests.fakes.models import Fake

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

FIELDS = {
    "id", "sessionId", "status", "scores", "summary", "evaluatorModel", "attempts", "lastError", "queuedAt",
    "completedAt",
}  # fmt: skip


def address(session: PracticeSession) -> str:
    return f"/api/sessions/{session.pk}/evaluation"


def failed(session: PracticeSession | None = None) -> Evaluation:
    evaluation = queued(session)
    claim = evaluation_job.claim(evaluation.pk, now=ENDED)
    assert claim
    evaluation_job.fail(claim, "judge-1 answered 503")
    return evaluation


def test_a_waiting_evaluation_has_every_field_with_null_for_empty_ones(client: Client) -> None:
    evaluation = queued()
    shown = client.get(address(evaluation.session)).json()
    assert set(shown) >= FIELDS
    assert (shown["status"], shown["attempts"], shown["scores"]) == ("pending", 0, [])
    assert [shown[name] for name in ("summary", "evaluatorModel", "lastError", "completedAt")] == [None] * 4


def test_a_result_has_names_ratings_notes_and_evidence(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer())
    evaluation = run(queued(), judge.base_url)
    shown = client.get(address(evaluation.session)).json()
    assert (shown["status"], shown["evaluatorModel"]) == ("completed", "judge-1")
    assert shown["scores"][0] == {
        "skillId": "s-listen",
        "name": "Listening",
        "rubric": "1: Talks past the other. 3: Repeats in part. 5: Says back what was meant.",
        "rating": 3,
        "note": "You named what happened.",
        "tryInstead": "What would help you to warn me in time?",
        "evidence": [{"sequence": 1, "quote": "The last three slipped"}],
        "behaviours": [],
        "next": None,
    }
    assert shown["criteria"][0] == {"criterion": "The teammate agrees to warn earlier.", "met": True, "sequence": 4}


def test_reading_the_evaluation_never_calls_the_model(client: Client, judge: Fake) -> None:
    evaluation = queued()
    for _ in range(3):
        assert client.get(address(evaluation.session)).status_code == 200
        assert client.get(f"/sessions/{evaluation.session_id}/evaluation/").status_code == 200
    assert (judge.requests(), reloaded(evaluation).attempts) == ([], 0)


def test_a_failed_evaluation_says_why_and_can_be_requeued(client: Client) -> None:
    evaluation = failed()
    assert client.get(address(evaluation.session)).json()["lastError"] == "judge-1 answered 503"
    again = client.generic("POST", address(evaluation.session))
    assert (again.status_code, again.json()["status"], again.json()["attempts"]) == (202, "pending", 2)


@pytest.mark.parametrize("status", ["pending", "running", "completed"])
def test_requeueing_in_any_other_state_is_a_409_with_the_evaluation(client: Client, status: str) -> None:
    evaluation = queued(ended_session(["Hi."]))
    if status != "pending":
        claim = evaluation_job.claim(evaluation.pk, now=ENDED)
        assert claim
        if status == "completed":
            run_empty(claim)
    refused = client.generic("POST", address(evaluation.session))
    assert (refused.status_code, refused["Content-Type"].split(";")[0]) == (409, "application/json")
    assert (refused.json()["id"], refused.json()["status"]) == (evaluation.pk, status)


def run_empty(claim: evaluation_job.Claim) -> None:
    from evaluations.findings.results import Findings

    evaluation_job.complete(claim, Findings((), "Nothing."), evaluation_job.Cost(), unheard_turns=0, now=ENDED)


def active_session() -> PracticeSession:
    session = ended_session()
    session.status, session.termination_reason, session.ended_at = SessionStatus.ACTIVE, "", None
    session.duration_deadline = ENDED
    session.save()
    return session


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_active_session_has_no_evaluation(client: Client, method: str) -> None:
    missing = client.generic(method.upper(), address(active_session()))
    assert (missing.status_code, missing["Content-Type"].split(";")[0]) == (404, "application/problem+json")
    assert "not ended" in missing.json()["detail"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_elses_evaluation_is_not_found(client: Client, method: str) -> None:
    evaluation = failed()
    PracticeSession.objects.update(user_id="somebody-else")
    assert client.generic(method.upper(), address(evaluation.session)).status_code == 404
    assert reloaded(evaluation).status == "failed"


@pytest.mark.parametrize("odd", ["nobody", "%00", "a%ED%A0%80", "9" * 400])
def test_an_unknown_session_is_not_found_whatever_its_id(client: Client, odd: str) -> None:
    assert client.get(f"/api/sessions/{odd}/evaluation").status_code == 404


def test_a_session_that_never_began_has_no_evaluation(client: Client) -> None:
    session = ended_session([], was_active=False)
    assert client.get(address(session)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_twenty_simultaneous_requeues_one_starts_a_job() -> None:
    evaluation = failed()

    def ask(_: int) -> tuple[int, int]:
        try:
            got = Client().generic("POST", address(evaluation.session))
            return got.status_code, json.loads(got.content)["attempts"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(ask, range(20)))
    assert sorted(status for status, _ in answers) == [202] + [409] * 19
    assert {attempts for _, attempts in answers} == {2}
    assert sum(evaluation_job.claim(evaluation.pk, now=timezone.now()) is not None for _ in range(20)) == 1


def test_api_and_socket_give_the_same_evaluation(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer())
    evaluation = run(queued(), judge.base_url)
    assert client.get(address(evaluation.session)).json() == evaluation_schema.of_session(evaluation.session_id)

"""Which ways to read a session count as opening its scores: after that no self-assessment is accepted."""

import pytest
from django.test import Client

from evaluations import evaluation_job
from evaluations.findings.results import Findings
from evaluations.models import Evaluation
from practice.models import PracticeSession
from tests.evaluations.cast import ENDED, queued, session_with_behaviours
from tests.evaluations.test_own_view import put

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def evaluated() -> PracticeSession:
    evaluation = queued(session_with_behaviours())
    claim = evaluation_job.claim(evaluation.pk, now=ENDED)
    assert claim
    found = Findings((), "Nothing to correct.")
    assert evaluation_job.complete(claim, found, evaluation_job.Cost(model="judge-1"), unheard_turns=0, now=ENDED)
    return evaluation.session


def test_downloading_a_session_opens_its_scores(client: Client) -> None:
    session = evaluated()
    file = f"/history/{session.pk}/session.json"
    client.head(file)
    assert put(client, session).status_code == 200
    assert client.get(file).json()["evaluation"]["status"] == "completed"
    assert put(client, session).status_code == 409
    opened_at = Evaluation.objects.get().opened_at
    client.get(file)
    assert Evaluation.objects.get().opened_at == opened_at


def test_downloading_a_session_whose_feedback_is_not_ready_opens_nothing(client: Client) -> None:
    session = queued(session_with_behaviours()).session
    client.get(f"/history/{session.pk}/session.json")
    assert put(client, session).status_code == 200


def test_following_a_session_by_api_until_its_feedback_is_ready_does_not_open_its_scores(client: Client) -> None:
    """A client without sockets learns only by polling that it is time to ask for the trainee's own view."""
    session = evaluated()
    told = client.get(f"/api/sessions/{session.pk}?historyStepCount=1").json()
    assert told["session"]["evaluationStatus"] == "completed"
    assert put(client, session).status_code == 200

"""A request about an unknown session or turn is answered with 404, whatever else is wrong with it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from coach.api import api
from practice.models import PracticeSession
from tests.cast import scenario
from tests.history.cast import past_session, said

OPERATIONS = [
    (method.upper(), path)
    for path, methods in api.get_openapi_schema(path_prefix="/api/")["paths"].items()
    for method in methods
    if "{session_id}" in path
]
WRONG = {
    "nothing": ("", "application/json"),
    "no fields": ("{}", "application/json"),
    "a field of the wrong kind": ('{"reason": 5, "answers": 5, "coaching": "x", "transcript": 5}', "application/json"),
    "a NUL": ('{"reason": "\\u0000"}', "application/json"),
    "a list": ("[1]", "application/json"),
    "no JSON": ("{", "application/json"),
    "a form": ("reason=manual", "application/x-www-form-urlencoded"),
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> PracticeSession:
    session = past_session(scenario(), at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC))
    said(session, "Hello.", "Hello, Alex.")
    return session


def asked(client: Client, operation: tuple[str, str], wrong: str, *, query: str = "", **ids: str) -> Any:
    body, kind = WRONG[wrong]
    method, path = operation
    return client.generic(method, path.format(**ids) + query, body, content_type=kind)


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_an_unknown_session_is_a_404_before_other_faults_are_checked(
    client: Client, operation: tuple[str, str]
) -> None:
    for wrong in WRONG:
        for query in ("", "?historyStepCount=x", "?historyStepCount=%00"):
            answer = asked(client, operation, wrong, query=query, session_id="nobody", turn_id="nothing")
            assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such session."), (wrong, query)


def test_somebody_elses_session_is_a_404_too(client: Client, session: PracticeSession) -> None:
    PracticeSession.objects.update(user_id="somebody-else")
    for operation in OPERATIONS:
        answer = asked(client, operation, "no JSON", session_id=session.pk, turn_id=session.turns.get(sequence=1).pk)
        assert answer.status_code == 404, operation


def test_an_unknown_turn_is_a_404_before_other_faults_are_checked(client: Client, session: PracticeSession) -> None:
    for operation in OPERATIONS:
        for wrong in WRONG if "{turn_id}" in operation[1] else ():
            answer = asked(client, operation, wrong, session_id=session.pk, turn_id="nothing")
            assert (answer.status_code, answer.json()["detail"][-16:]) == (404, "in this session."), (operation, wrong)


def test_a_faulty_request_about_an_existing_record_is_told_its_fault(client: Client, session: PracticeSession) -> None:
    turn = session.turns.get(sequence=1).pk
    told = {
        wrong: {
            asked(client, operation, wrong, session_id=session.pk, turn_id=turn).status_code
            for operation in OPERATIONS
            if operation[0] in ("POST", "PUT", "PATCH")
        }
        for wrong in ("a NUL", "a list", "no JSON", "a form")
    }
    assert told == {"a NUL": {422}, "a list": {422}, "no JSON": {400}, "a form": {415}}

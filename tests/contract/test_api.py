"""Whatever schemathesis sends, the API answers as its OpenAPI document says.

schemathesis is imported inside the test: it takes seconds, which other runs should not wait for.
"""

from itertools import cycle
from typing import Any

import pytest
import requests
from django.test import Client

from coach import clock
from coach.api import api
from practice.models import PracticeSession, Turn
from tests.cast import scenario
from tests.pages import past

HERE = "http://testserver"
EXAMPLES = 12


@pytest.mark.parametrize("sense", ["positive", "negative"])
def test_every_answer_is_documented(db: None, sense: str) -> None:
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings

    there = cycle([about(session) for session in past.stock(scenario()).values()])
    client = Client(raise_request_exception=False)
    document = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/"))
    mode = schemathesis.GenerationMode(sense)
    asked = 0

    def question(case: Any) -> None:
        nonlocal asked
        asked += 1
        ask(client, case)
        put(case, next(there))
        ask(client, case)

    alike = settings(  # the same requests in every run
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    operations = [found.ok() for found in document.get_all_operations()]
    for operation in operations:
        if sense == "negative" and not (operation.query or operation.body):
            continue  # any text in a path is well-formed
        alike(given(operation.as_strategy(generation_mode=mode))(question))()
    assert len(operations) >= 14
    assert asked >= (100 if sense == "positive" else 60)


def ask(client: Client, case: Any) -> None:
    from schemathesis import checks
    from schemathesis.core.transport import Response
    from schemathesis.specs.openapi import checks as agreement

    question = requests.Request(**case.as_transport_kwargs(base_url=HERE)).prepare()
    kept = {name: value for name, value in question.headers.items() if name not in ("Content-Type", "Content-Length")}
    said = client.generic(
        question.method or "",
        question.path_url,
        question.body or b"",
        content_type=question.headers.get("Content-Type", ""),
        headers=kept,
    )
    answer = Response(
        status_code=said.status_code,
        headers={name: [value] for name, value in said.headers.items()},
        content=said.content,
        request=question,
        elapsed=0.0,
        verify=False,
    )
    wanted = [
        checks.not_a_server_error,
        agreement.status_code_conformance,
        agreement.content_type_conformance,
        agreement.response_schema_conformance,
    ]
    case.validate_response(answer, checks=wanted)


def about(session: PracticeSession) -> dict[str, Any]:
    """Ids of existing records, to put into the generated requests."""
    turn = Turn.objects.filter(session=session).first()
    return {"session_id": session.pk, "scenario_id": session.scenario_id, "turn_id": turn.pk if turn else ""}


def put(case: Any, there: dict[str, Any]) -> None:
    """The same request about an existing record, from a client whose clock is right."""
    case.path_parameters = {name: there[name] for name in case.path_parameters or {}}
    if isinstance(case.body, dict):
        now = clock.now().isoformat()
        right = dict.fromkeys(("clientSessionStartedAt", "startedAt", "endedAt", "clientSentAt"), now)
        right |= {
            "scenarioId": there["scenario_id"],
            "continuesFrom": None,
            "reason": "manual",
            "text": "Good morning.",
        }
        case.body = {name: right.get(name, value) for name, value in case.body.items()}


def test_the_api_page_lists_every_operation_and_schema(client: Client, db: None) -> None:
    page = client.get("/api/docs").content.decode()
    document = api.get_openapi_schema(path_prefix="/api/")
    for path, item in document["paths"].items():
        assert f"<code>{path}</code>" in page
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in page
    assert 'id="PracticeSession"' in page
    assert client.head("/api/docs").status_code == 200

"""The AsyncAPI document is valid and complete, and the socket sends and accepts what it says."""

import json
from typing import Any, get_args

import jsonschema
import pytest
from django.test import Client

from coach.api import socket_document
from coach.config import ROOT
from coach.threads import in_thread
from practice.session_socket import protocol
from tests import cast
from tests.practice.running_web import RunningWeb, calls, clock, fake, model_server, redis_server, web
from tests.talker import iso

__all__ = ["calls", "clock", "fake", "web", "model_server", "redis_server"]

AT = "2026-03-01T09:30:00.000Z"
SAID = {
    "turn_start": {"sequence": 1, "startedAt": AT},
    "turn_end": {"sequence": 1, "endedAt": AT, "clientSentAt": AT},
    "turn_text": {"sequence": 1, "startedAt": AT, "endedAt": AT, "clientSentAt": AT, "text": "Hello?"},
    "turn_pause": {"sequence": 1},
    "turn_cancel": {"sequence": 1},
    "interrupt": {"sequence": 0, "playedMs": 400},
    "playback_ended": {"sequence": 0},
    "telemetry": {"idleSeconds": 0.5, "elapsedSeconds": 3},
    "stop": {"reason": "manual"},
    "ping": {"clientTime": 12345},
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(json.dumps(socket_document()))


def faults(document: dict[str, Any], message: dict[str, Any]) -> list[str]:
    """What is wrong with a text frame according to the document."""
    payload = document["components"]["messages"][message["type"]]["payload"]
    validator = jsonschema.Draft202012Validator({**payload, "components": document["components"]})
    return [error.message for error in validator.iter_errors(message)]


def test_the_document_is_valid_asyncapi(document: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json").read_text())
    jsonschema.Draft7Validator(schema).validate(document)


def test_the_document_is_served_beside_openapi(client: Client, document: dict[str, Any]) -> None:
    answer = client.get("/api/asyncapi.json")
    assert (answer.status_code, answer.json()) == (200, document)
    assert client.head("/api/asyncapi.json").status_code == 200
    assert client.post("/api/asyncapi.json", {}, content_type="application/json").status_code == 405


def test_every_client_message_is_documented_and_accepted(document: dict[str, Any]) -> None:
    heard = {each["$ref"].rsplit("/", 1)[-1] for each in document["operations"]["hearClient"]["messages"]}
    assert heard == {*SAID, "sound_piece"}
    assert len(heard) == len(get_args(protocol.ClientMessage))
    for name, fields in SAID.items():
        message = {"type": name, **fields}
        assert faults(document, message) == []
        assert type(protocol.parse_text(json.dumps(message))).__name__.lower() == name.replace("_", "")
        for missing in set(fields) - {"clientSentAt", "clientTime"}:
            assert faults(document, {key: value for key, value in message.items() if key != missing}), (name, missing)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "stop", "reason": "idle"},
        {"type": "interrupt", "sequence": -1, "playedMs": 5},
        {"type": "telemetry", "idleSeconds": "long", "elapsedSeconds": 1},
    ],
)
def test_a_message_that_is_refused_is_invalid_in_the_document_too(
    document: dict[str, Any], wrong: dict[str, Any]
) -> None:
    assert faults(document, wrong)
    with pytest.raises(protocol.BadMessage):
        protocol.parse_text(json.dumps(wrong))


async def test_every_message_of_a_conversation_matches_the_document(web: RunningWeb, document: dict[str, Any]) -> None:
    session_id = await web.started(await in_thread(cast.scenario))
    async with web.socket(session_id) as talker:
        opening = (await talker.hear("session"))["turns"]
        if not (opening and opening[0]["endedAt"]):
            await talker.hear("ai_turn")
        await talker.send("ping", clientTime=1)
        await talker.send("nonsense")
        await talker.hear("error")
        now = iso(web.clock.now())
        late = iso(web.clock.now().replace(year=2020))
        await talker.send("turn_text", sequence=1, startedAt=late, endedAt=late, clientSentAt=late, text="Hello?")
        await talker.hear("turn_rejected")
        await talker.send("turn_text", sequence=1, startedAt=now, endedAt=now, clientSentAt=now, text="Hello?")
        await talker.hear("turn_accepted")
        await talker.hear("ai_turn")
        await talker.send("stop", reason="manual")
        await talker.hear("termination")
    said = {message["type"] for message in talker.heard}
    assert said >= {"session", "pong", "error", "turn_rejected", "turn_accepted", "ai_turn", "ai_text", "termination"}
    assert [(message["type"], fault) for message in talker.heard for fault in faults(document, message)] == []

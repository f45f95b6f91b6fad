"""While a web process starts or drains, callers are told to come back and sockets to reconnect."""

from typing import Any

import pytest
from channels.testing import HttpCommunicator, WebsocketCommunicator

from coach.edge.gate import Gate, Receive, Scope, Send
from coach.edge.life import Life


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await receive()
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})


async def get(life: Life, path: str) -> dict[str, Any]:
    return await HttpCommunicator(Gate(answering, life), "GET", path).get_response()


@pytest.fixture(params=["starting", "draining"])
async def closed(request: pytest.FixtureRequest) -> Life:
    life = Life()
    life.expect()
    if request.param == "draining":
        await life.start()
        life.begin_drain()
    return life


async def test_requests_are_asked_to_come_back(closed: Life) -> None:
    response = await get(closed, "/api/sessions")
    assert response["status"] == 503
    headers = dict(response["headers"])
    assert headers[b"content-type"] == b"application/problem+json"
    assert int(headers[b"retry-after"]) > 0


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_checks_are_answered_all_the_same(closed: Life, path: str) -> None:
    assert (await get(closed, path))["body"] == b"here"


async def test_sockets_are_told_to_reconnect(closed: Life) -> None:
    socket = WebsocketCommunicator(Gate(answering, closed), "/ws/sessions/1")
    assert (await socket.connect())[0]
    assert await socket.receive_output() == {"type": "websocket.close", "code": 4503}


async def test_everything_passes_once_started() -> None:
    life = Life()
    life.expect()
    await life.start()
    assert (await get(life, "/api/sessions"))["status"] == 200

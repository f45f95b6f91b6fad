"""While a web process starts or drains, requests get a 503 with Retry-After and sockets are told to reconnect."""

import hashlib
from base64 import b64encode
from typing import Any

import pytest
from channels.testing import HttpCommunicator, WebsocketCommunicator

from coach.edge.drain_gate import Gate, Receive, Scope, Send
from coach.edge.lifespan import Lifespan


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await receive()
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})


async def get(life: Lifespan, path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return await HttpCommunicator(Gate(answering, life), "GET", path, headers=list(headers)).get_response()


@pytest.fixture(params=["starting", "draining"])
async def closed(request: pytest.FixtureRequest) -> Lifespan:
    life = Lifespan()
    life.expect()
    if request.param == "draining":
        await life.start()
        life.begin_drain()
    return life


async def test_requests_are_answered_with_503_and_retry_after(closed: Lifespan) -> None:
    response = await get(closed, "/api/sessions")
    assert response["status"] == 503
    headers = dict(response["headers"])
    assert headers[b"content-type"] == b"application/problem+json"
    assert int(headers[b"retry-after"]) > 0


async def test_a_page_opened_meanwhile_says_why_and_reloads(closed: Lifespan) -> None:
    response = await get(closed, "/history/", (b"accept", b"text/html,*/*;q=0.8"), (b"accept-language", b"zh-CN"))
    headers = dict(response["headers"])
    assert (response["status"], int(headers[b"refresh"])) == (503, 2)
    page = response["body"].decode()
    assert 'lang="zh-hans"' in page
    style = page.partition("<style>")[2].partition("</style>")[0]
    told = b64encode(hashlib.sha256(style.encode()).digest())
    assert b"'sha256-" + told + b"'" in headers[b"content-security-policy"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_checks_are_answered_meanwhile(closed: Lifespan, path: str) -> None:
    assert (await get(closed, path))["body"] == b"here"


async def test_sockets_are_told_to_reconnect(closed: Lifespan) -> None:
    socket = WebsocketCommunicator(Gate(answering, closed), "/ws/sessions/1")
    assert (await socket.connect())[0]
    assert await socket.receive_output() == {"type": "websocket.close", "code": 4503}


async def test_everything_passes_once_started() -> None:
    life = Lifespan()
    life.expect()
    await life.start()
    assert (await get(life, "/api/sessions"))["status"] == 200

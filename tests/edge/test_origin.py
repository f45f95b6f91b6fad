"""Sockets open for our own pages and for clients that are not browsers, but for no other site's pages."""

from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from coach.edge.drain_gate import Receive, Scope, Send
from coach.edge.origin import OriginValidator, is_own


async def accepting(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


async def connects(**headers: str) -> bool:
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    socket = WebsocketCommunicator(OriginValidator(accepting), "/ws/sessions/1", headers=encoded)
    connected, _ = await socket.connect()
    if connected:
        await socket.disconnect()
    return connected


async def test_a_client_without_an_origin_is_accepted() -> None:
    assert await connects(host="testserver")


async def test_our_own_page_is_accepted() -> None:
    assert await connects(host="testserver:8000", origin="http://testserver:8000")


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://testserver", "https://testserver:8000", ""])
async def test_a_page_of_another_site_is_refused(origin: str) -> None:
    assert not await connects(host="testserver:8000", origin=origin)


@pytest.mark.parametrize("told", ["https", "wss", "https, http", "WSS"])
async def test_behind_a_proxy_wss_counts_as_https(settings: Any, told: str) -> None:
    """Traefik sends `wss` where others send `https`."""
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    behind = {"host": "testserver", "x-forwarded-proto": told}
    assert await connects(**behind, origin="https://testserver")
    assert not await connects(**behind, origin="http://testserver")


async def test_a_foreign_host_name_that_resolves_to_this_machine_is_refused() -> None:
    assert not await connects(host="evil.example:8000", origin="http://evil.example:8000")


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://coach.example", True),
        ("http://coach.example:80", True),
        ("HTTP://COACH.example", True),
        ("http://coach.example.evil.com", False),
        ("http://coach.example@evil.com", False),
        ("http://coach.example:99999", False),
        ("http://coach.example/path", False),
        ("file://", False),
        ("https://a.trusted.example", True),
        ("https://trusted.example.evil.com", False),
    ],
)
def test_which_origins_are_our_own(origin: str, own: bool) -> None:
    assert is_own(origin, host="coach.example", scheme="http", trusted=["https://*.trusted.example"]) is own

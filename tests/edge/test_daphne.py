"""Daphne as in production: limits on bodies, headers and messages, and a shutdown that cuts nobody off."""

import contextlib
import itertools
from collections.abc import Callable
from datetime import datetime

import pytest
import websockets.sync.client
from websockets.exceptions import ConnectionClosed

from coach.edge.input_limits import IMPORT_PATH, IMPORTS_AT_ONCE, MAX_IMPORT_BYTES
from tests.edge.daphne_server import Server, answer, code_of_close, head, taken

pytestmark = pytest.mark.processes

LIMIT = 262_144


def test_bodies_have_a_limit(serve: Callable[..., Server]) -> None:
    server = serve()

    with server.connect() as exact:
        exact.sendall(head("/", f"Content-Length: {LIMIT}") + b"a" * LIMIT)
        assert answer(exact).endswith(f"\r\n\r\n{LIMIT}")

    with server.connect() as declared:
        declared.sendall(head("/", f"Content-Length: {LIMIT + 1}"))
        said = answer(declared)
        assert said.startswith("HTTP/1.1 413 ")
        assert "application/problem+json" in said
        assert "too_large" in said

    with server.connect() as person:
        person.sendall(head("/", f"Content-Length: {LIMIT + 1}", "Accept: text/html,*/*;q=0.8", "Accept-Language: zh"))
        said = answer(person)
        assert said.startswith("HTTP/1.1 413 ")
        assert '<html lang="zh-hans">' in said, "whoever sent a form reads a page"
        assert "style-src 'sha256-" in said

    with server.connect() as library:
        library.sendall(head(IMPORT_PATH, f"Content-Length: {MAX_IMPORT_BYTES}") + b"a" * MAX_IMPORT_BYTES)
        assert answer(library).endswith(f"\r\n\r\n{MAX_IMPORT_BYTES}")

    with server.connect() as more:
        more.sendall(head(IMPORT_PATH, f"Content-Length: {MAX_IMPORT_BYTES + 1}"))
        assert answer(more).startswith("HTTP/1.1 413 ")

    several = [server.connect() for _ in range(IMPORTS_AT_ONCE)]
    for one in several:
        one.sendall(head(IMPORT_PATH, f"Content-Length: {LIMIT + 1}", "Expect: 100-continue"))
        assert b"100 Continue" in one.recv(100), "its headers have been read"
    with server.connect() as late:
        late.sendall(head(IMPORT_PATH, f"Content-Length: {LIMIT + 1}"))
        assert answer(late).startswith("HTTP/1.1 413 ")
    for one in several:
        one.close()

    with server.connect() as chunked:
        chunked.sendall(head("/", "Transfer-Encoding: chunked"))
        for _ in range(5):
            chunked.sendall(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
        assert answer(chunked).startswith("HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary="]
)
def test_a_body_with_a_form_content_type_reaches_the_application(serve: Callable[..., Server], kind: str) -> None:
    server = serve()
    with server.connect() as mislabelled:
        mislabelled.sendall(head("/?a=1", f"Content-Type: {kind}", "Content-Length: 9") + b'{"a": 1.}')
        assert answer(mislabelled).endswith("\r\n\r\n9")


def test_a_body_that_trickles_in_is_cut_off(serve: Callable[..., Server]) -> None:
    server = serve(TEST_BODY_SECONDS="0.5")
    slow = [server.connect() for _ in range(200)]
    for connection in slow:
        connection.sendall(head("/", "Content-Length: 1000") + b"a")
    for connection in slow:
        said = answer(connection)
        assert said.startswith("HTTP/1.1 408 ")
        assert "application/problem+json" in said
        connection.close()

    with server.connect() as quick:
        quick.sendall(head("/", "Content-Length: 3") + b"abc")
        assert answer(quick).endswith("\r\n\r\n3")


def test_sigterm_runs_drain_hooks_finishes_requests_and_turns_nobody_away(serve: Callable[..., Server]) -> None:
    server = serve()
    host, port = server.address
    with websockets.sync.client.connect(f"ws://{host}:{port}/ws") as earlier:
        earlier.send("hello")
        assert earlier.recv(timeout=60) == "heard"
    assert server.line().startswith("socket closed")
    with (
        websockets.sync.client.connect(f"ws://{host}:{port}/ws", close_timeout=5) as room,
        server.connect() as under_way,
        server.connect() as kept,
    ):
        room.send("hello")
        assert room.recv(timeout=60) == "heard"
        kept.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc")
        assert kept.recv(65_536).endswith(b"\r\n\r\n3")
        under_way.sendall(head("/slow", "Content-Length: 2") + b"ab")
        assert server.line() == "slow request begun"
        server.terminate()

        assert answer(kept) == "", "a proxy would send its next request to a process that drains"
        with pytest.raises(ConnectionClosed) as closed:
            room.recv(timeout=60)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4503
        assert answer(under_way).endswith("\r\n\r\n2")
        with server.connect() as newcomer:
            newcomer.sendall(head("/", "Content-Length: 3") + b"abc")
            assert {server.line(), server.line()} == {"handed over", "socket closed 4503"}
            assert server.process.wait(timeout=60) == 0
            serve(listener=server.listener)
            said = answer(newcomer)
        assert said.startswith("HTTP/1.1 200 ")
        assert said.endswith("\r\n\r\n3")


def test_the_arrival_time_is_when_the_server_read_the_message(impatient: Server) -> None:
    host, port = impatient.address
    with websockets.sync.client.connect(f"ws://{host}:{port}/ws/busy", compression=None) as room:
        room.send("keeps the application busy")
        room.send("waits")
        # The pong proves that the server has read everything sent before it.
        assert room.ping().wait(20)
        with impatient.connect() as request:
            request.sendall(head("/look", "Content-Length: 0"))
            looked_at = answer(request).rpartition("\r\n\r\n")[2]
        assert datetime.fromisoformat(str(room.recv(timeout=20))) < datetime.fromisoformat(looked_at)
    assert impatient.line().startswith("socket closed")


def test_a_message_in_endless_fragments_is_cut_off(impatient: Server) -> None:
    host, port = impatient.address
    with websockets.sync.client.connect(f"ws://{host}:{port}/ws", compression=None, close_timeout=5) as room:
        room.send(iter([b"a"] * 1_000))
        assert room.recv(timeout=60) == "heard"
        with contextlib.suppress(ConnectionClosed):
            room.send(itertools.chain([b"a"], itertools.repeat(b"")))
        assert code_of_close(room) == 4413
    assert impatient.line().startswith("socket closed")


def test_a_malformed_origin_is_refused(impatient: Server) -> None:
    for origin in ("gibberish", "http://", "http://[::1", "http://x:port", "https://x:99999", ":", "\xe9", "data:x"):
        key = f"Sec-WebSocket-Key: {'A' * 22}=="
        upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", key, f"Origin: {origin}"]
        with impatient.connect() as connection:
            connection.sendall("\r\n".join(["GET /ws/x HTTP/1.1", "Host: localhost", *upgrade, "", ""]).encode())
            assert answer(connection).startswith("HTTP/1.1 403 Forbidden\r\n"), origin


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (head("/", "Cookie: " + "a" * 20_000), 431),
        (head("/", "Cookie: " + "a" * 2_000_000), 431),
        (head("/", *(f"X-{number}: {'a' * 1_000}" for number in range(20))), 431),
        (head("/", *(f"X-{number}: a" for number in range(600))), 431),
        (head("/" + "a" * 20_000), 414),
    ],
    ids=["one header", "one huge header", "large together", "many", "the address"],
)
def test_headers_that_are_too_large_are_refused_with_a_reason(
    impatient: Server, request_head: bytes, status: int
) -> None:
    with impatient.connect() as connection:
        connection.sendall(request_head)
        said = answer(connection)
    assert said.startswith(f"HTTP/1.1 {status} ")
    assert "application/problem+json" in said
    assert said.count("HTTP/1.1") == 1
    with impatient.connect() as connection:
        connection.sendall(head("/taken", "Cookie: " + "a" * 15_000, "Content-Length: 0"))
        assert answer(connection).startswith("HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "address", ["http://localhost/taken", "HTTP://localhost:8/taken?x=/y", "https://localhost/taken"]
)
def test_an_absolute_request_target_is_read_like_its_path(impatient: Server, address: str) -> None:
    by_its_path = taken(impatient)
    with impatient.connect() as connection:
        connection.sendall(head(address, "Content-Length: 3") + b"abc")
        assert answer(connection).endswith(f"\r\n\r\n{by_its_path}")

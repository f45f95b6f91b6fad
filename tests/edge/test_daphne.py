"""Daphne as it runs in production: bodies have a size and a deadline, and an end does not cut anybody off."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import websockets.sync.client
from websockets.exceptions import ConnectionClosed

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 262_144


class Server:
    def __init__(self, var_dir: Path, **environment: str) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        descriptor = str(self.listener.fileno())
        self.process = subprocess.Popen(
            [sys.executable, "-m", "daphne", "-v", "0", "--fd", descriptor, "tests.edge.asgi:application"],
            cwd=ROOT,
            env={**os.environ, "VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": "coach.settings", **environment},
            pass_fds=[self.listener.fileno()],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.line() == "started"

    def line(self) -> str:
        assert self.process.stdout
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        assert ready, "the server said nothing for a minute"
        return self.process.stdout.readline().strip()

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=20)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.listener.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(**environment: str) -> Server:
        servers.append(Server(tmp_path, **environment))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def answer(connection: socket.socket) -> str:
    """All that comes until the server hangs up."""
    parts = []
    while True:
        try:
            part = connection.recv(65_536)
        except ConnectionResetError:
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode()


def head(path: str = "/", *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", "Connection: close", *lines, "", ""]).encode()


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

    with server.connect() as chunked:
        chunked.sendall(head("/", "Transfer-Encoding: chunked"))
        for _ in range(5):
            chunked.sendall(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
        assert answer(chunked).startswith("HTTP/1.1 413 ")


def test_a_body_that_trickles_in_is_cut_off(serve: Callable[..., Server]) -> None:
    server = serve(TEST_BODY_SECONDS="0.5")
    slow = [server.connect() for _ in range(200)]
    began = time.monotonic()
    for connection in slow:
        connection.sendall(head("/", "Content-Length: 1000") + b"a")
    for connection in slow:
        said = answer(connection)
        assert said.startswith("HTTP/1.1 408 ")
        assert "application/problem+json" in said
        connection.close()
    assert time.monotonic() - began < 20

    with server.connect() as quick:
        quick.sendall(head("/", "Content-Length: 3") + b"abc")
        assert answer(quick).endswith("\r\n\r\n3")


def test_an_end_hands_over_finishes_requests_and_tells_sockets_to_reconnect(serve: Callable[..., Server]) -> None:
    server = serve()
    host, port = server.address
    with (
        websockets.sync.client.connect(f"ws://{host}:{port}/ws", close_timeout=5) as room,
        server.connect() as under_way,
    ):
        room.send("hello")
        assert room.recv(timeout=10) == "heard"
        under_way.sendall(head("/slow", "Content-Length: 2") + b"ab")
        assert server.line() == "slow request begun"
        began = time.monotonic()
        server.terminate()

        with pytest.raises(ConnectionClosed) as closed:
            room.recv(timeout=10)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4503
        assert answer(under_way).endswith("\r\n\r\n2")
    assert {server.line(), server.line()} == {"handed over", "socket closed 4503"}
    assert server.process.wait(timeout=10) == 0
    assert time.monotonic() - began < 8

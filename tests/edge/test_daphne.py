"""Daphne as in production: limits on bodies, sockets and slow clients, and a shutdown that cuts nobody off."""

import contextlib
import itertools
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import websockets.sync.client
from websockets.exceptions import ConnectionClosed

from coach.edge import descriptors
from coach.edge.input_limits import IMPORT_PATH, IMPORTS_AT_ONCE, MAX_IMPORT_BYTES

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 262_144


class Server:
    def __init__(self, var_dir: Path, **environment: str) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        descriptor = str(self.listener.fileno())
        self.log = var_dir / "server.log"
        self.process = subprocess.Popen(
            # With few descriptors, as many systems start a process.
            ["sh", "-c", 'ulimit -S -n 256; exec "$@"', "sh"]
            + [sys.executable, "-m", "daphne", "-v", "0", "--fd", descriptor, "tests.edge.asgi:application"],
            cwd=ROOT,
            env={**os.environ, "VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": "coach.settings", **environment},
            pass_fds=[self.listener.fileno()],
            stdout=subprocess.PIPE,
            stderr=self.log.open("ab"),
            text=True,
        )
        assert self.line() == "started"

    def line(self) -> str:
        assert self.process.stdout
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        assert ready, "the server said nothing for a minute"
        return self.process.stdout.readline().strip()

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=60)

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
    """Everything received until the server closes the connection."""
    parts = []
    while True:
        try:
            part = connection.recv(65_536)
        except ConnectionResetError:
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode("latin-1")


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


def asked(server: Server) -> str:
    """The answer to a small request; empty if the connection was closed or reset at once."""
    with contextlib.suppress(ConnectionError), server.connect() as connection:
        connection.sendall(head("/", "Content-Length: 3") + b"abc")
        return answer(connection)
    return ""


def test_without_a_free_descriptor_newcomers_are_closed_and_the_log_says_so_once(serve: Callable[..., Server]) -> None:
    server = serve()
    pid = server.process.pid
    as_before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    assert as_before[0] == min(as_before[1], descriptors.WANTED), "it took fewer than it may have"
    in_use = max(int(each) for each in os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (in_use + 4, as_before[1]))
    crowd = [server.connect() for _ in range(in_use + 40)]
    turned_away, _, _ = select.select(crowd, [], [], 60)
    assert turned_away
    assert {answer(each) for each in turned_away} == {""}

    resource.prlimit(pid, resource.RLIMIT_NOFILE, as_before)
    for each in crowd:
        each.close()
    deadline = time.monotonic() + 60
    # The first may still come while the crowd is being turned away.
    while not (said := asked(server)):
        assert time.monotonic() < deadline
    assert said.endswith("\r\n\r\n3")
    assert server.log.read_text().count("all file descriptors are in use") == 1


def test_sigterm_runs_drain_hooks_finishes_requests_and_tells_sockets_to_reconnect(
    serve: Callable[..., Server],
) -> None:
    server = serve()
    host, port = server.address
    with (
        websockets.sync.client.connect(f"ws://{host}:{port}/ws", close_timeout=5) as room,
        server.connect() as under_way,
    ):
        room.send("hello")
        assert room.recv(timeout=60) == "heard"
        under_way.sendall(head("/slow", "Content-Length: 2") + b"ab")
        assert server.line() == "slow request begun"
        server.terminate()

        with pytest.raises(ConnectionClosed) as closed:
            room.recv(timeout=60)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4503
        with server.connect() as newcomer:
            newcomer.sendall(head("/", "Content-Length: 0"))
            said = answer(newcomer)
        assert said.startswith("HTTP/1.1 503 ")
        assert "\r\nretry-after: 2\r\n" in said.lower()
        assert answer(under_way).endswith("\r\n\r\n2")
    assert {server.line(), server.line()} == {"handed over", "socket closed 4503"}
    assert server.process.wait(timeout=60) == 0


def slow_reader(server: Server, path: str) -> websockets.sync.client.ClientConnection:
    host, port = server.address
    plain = small_buffered(server)
    return websockets.sync.client.connect(
        f"ws://{host}:{port}{path}", sock=plain, max_size=None, max_queue=1, compression=None, close_timeout=5
    )


def small_buffered(server: Server) -> socket.socket:
    """A connection with small client buffers, so that unread data stays in the server."""
    plain = socket.socket()
    plain.settimeout(60)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.connect(server.address)
    return plain


def taken(server: Server) -> int:
    """How many bytes of the latest archive have been read from its file."""
    with server.connect() as connection:
        connection.sendall(head("/taken", "Content-Length: 0"))
        return int(answer(connection).rpartition("\r\n\r\n")[2])


def code_of_close(room: websockets.sync.client.ClientConnection) -> int:
    try:
        while True:
            room.recv(timeout=60)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


def resident_kib(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # Gives up on silent clients soon, but leaves a late client on a busy machine time to read why.
    server = Server(tmp_path_factory.mktemp("impatient"), TEST_UNREAD_SECONDS="3", TEST_LINGER_SECONDS="60")
    yield server
    server.close()


def test_a_client_that_does_not_read_is_closed_and_can_read_why_later(impatient: Server) -> None:
    before = resident_kib(impatient)
    with slow_reader(impatient, "/ws/talkative") as late:
        # 20 MB are waiting; nothing is read until the server has given up.
        assert impatient.line() == "all was said"
        assert resident_kib(impatient) - before < 8_000
        assert code_of_close(late) == 4408
        assert impatient.line() == "socket closed 4408"


def test_a_client_that_never_reads_is_disconnected(serve: Callable[..., Server]) -> None:
    server = serve(TEST_UNREAD_SECONDS="1", TEST_LINGER_SECONDS="1")
    with slow_reader(server, "/ws/talkative"):
        assert server.line() == "all was said"
        assert server.line() == "socket closed 1006"


def test_a_client_that_reads_slowly_gets_everything_in_order(impatient: Server) -> None:
    with slow_reader(impatient, "/ws/talkative") as room:
        for number in range(600):
            frame = room.recv(timeout=60)
            assert isinstance(frame, bytes)
            assert int.from_bytes(frame[:4], "little") == number
        assert impatient.line() == "all was said"
        room.send("and?")
        assert room.recv(timeout=60) == "heard 1"
    assert impatient.line() == "socket closed 1000"


def test_a_client_that_sends_too_fast_is_slowed_down_and_nothing_is_lost(impatient: Server) -> None:
    host, port = impatient.address
    before = resident_kib(impatient)
    with websockets.sync.client.connect(f"ws://{host}:{port}/ws/slow", compression=None, max_queue=None) as room:
        for _ in range(1_000):
            room.send(b"a" * 20_000)
        for number in range(1_000):
            assert room.recv(timeout=60) == f"heard {number + 1}"
    assert impatient.line() == "socket closed 1000"
    assert resident_kib(impatient) - before < 8_000


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


ARCHIVE_BYTES = 600 * 32 * 1024
# What the kernel keeps of one connection on its way, and what Daphne holds itself.
AHEAD_BYTES = 5 * 1024 * 1024 + 128 * 1024


def test_a_download_is_read_from_its_store_no_faster_than_the_client_reads(impatient: Server) -> None:
    with small_buffered(impatient) as slow:
        slow.sendall(head("/archive", "Content-Length: 0"))
        assert impatient.line() == "archive begun"
        assert taken(impatient) < AHEAD_BYTES

        read = b""
        while b"\r\n\r\n" not in read:
            read += slow.recv(4096)
        body = bytearray(read.partition(b"\r\n\r\n")[2])
        while len(body) < ARCHIVE_BYTES // 2:
            body += slow.recv(65_536)
        assert taken(impatient) - len(body) < AHEAD_BYTES

        while part := slow.recv(65_536):
            body += part
        assert len(body) == ARCHIVE_BYTES
        assert [int.from_bytes(body[at : at + 4], "little") for at in range(0, len(body), 32 * 1024)] == [
            *range(1, 601)
        ]
    assert impatient.line() == "archive over"


def test_head_sends_no_body_however_many_pieces_it_has(impatient: Server) -> None:
    """Anything after the headers would be read as the answer to the next request."""
    with impatient.connect() as connection:
        connection.sendall(b"HEAD /archive HTTP/1.1\r\nHost: localhost\r\n\r\n" + head("/taken", "Content-Length: 0"))
        first, rest = answer(connection).split("\r\n\r\n", 1)
    assert f"Content-Length: {ARCHIVE_BYTES}" in first
    assert rest.startswith("HTTP/1.1 200 OK\r\n")
    assert rest.endswith(f"\r\n\r\n{ARCHIVE_BYTES}")
    assert impatient.line() == "archive begun"
    # Both may have come in one piece, which `line` would wait for in vain.
    assert impatient.process.stdout
    assert impatient.process.stdout.readline() == "archive over\n"


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


def test_a_download_that_the_client_stops_reading_is_dropped(impatient: Server) -> None:
    with small_buffered(impatient) as gone:
        gone.sendall(head("/abandoned", "Content-Length: 0"))
        assert impatient.line() == "archive begun"
        assert impatient.line() == "archive over"
        assert len(answer(gone)) < AHEAD_BYTES

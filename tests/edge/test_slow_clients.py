"""Clients that read or send too slowly or too fast: Daphne holds little for them, and nothing is lost."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import websockets.sync.client

from tests.edge.daphne_server import Server, answer, code_of_close, head, taken

pytestmark = pytest.mark.processes

ARCHIVE_BYTES = 600 * 32 * 1024
# What the kernel keeps of one connection on its way, and what Daphne holds itself.
AHEAD_BYTES = 5 * 1024 * 1024 + 128 * 1024


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


def resident_kib(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


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


def test_a_download_that_the_client_stops_reading_is_dropped(impatient: Server) -> None:
    with small_buffered(impatient) as gone:
        gone.sendall(head("/abandoned", "Content-Length: 0"))
        assert impatient.line() == "archive begun"
        assert impatient.line() == "archive over"
        assert len(answer(gone)) < AHEAD_BYTES


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

"""Starts Daphne as in production, with the small application of asgi.py, and talks to it in bytes."""

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import websockets.sync.client
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).resolve().parents[2]


class Server:
    def __init__(self, var_dir: Path, listener: socket.socket | None = None, **environment: str) -> None:
        self.listener = listener or socket.create_server(("127.0.0.1", 0))
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

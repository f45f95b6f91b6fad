"""TCP ports for the servers that tests start."""

import fcntl
import os
import secrets
import socket
import tempfile
from pathlib import Path

# Below the ephemeral range, so that no outgoing connection takes one in the meantime.
FIRST, LAST = 15_000, 30_000
_held: list[int] = []


def reserved() -> int:
    """A free port that no other test process gets while this one lives.

    Binding port 0 and closing it again is a race: two processes got the same port, and one tested the other's server.
    """
    folder = Path(tempfile.gettempdir()) / f"coach-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST)
        lock = os.open(folder / str(port), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            os.close(lock)
        else:
            _held.append(lock)
            return port

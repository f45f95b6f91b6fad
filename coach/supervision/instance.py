"""Ensures one running installation per VAR_DIR, on a free port: anything else is refused in one sentence."""

import errno
import fcntl
import json
import os
import socket
from pathlib import Path
from typing import IO

from coach.config import Config


class CannotStart(Exception):
    """The coach cannot be started here; `str()` is one sentence for the operator."""


def lock(config: Config, address: str) -> IO[str]:
    """Lock VAR_DIR for as long as the returned file is open. Raises CannotStart if another `scripts/up` has it."""
    path = config.var_dir / "run" / "up.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = open(path, "a+", encoding="utf-8")  # noqa: SIM115 - held until the process ends
    except OSError as error:
        raise CannotStart(written(error, path)) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(
            f"Another scripts/up runs on {config.var_dir} already{_whose(path)}: stop it first, or give this one "
            "a VAR_DIR and a --port of its own."
        ) from None
    try:
        handle.truncate(0)
        handle.write(json.dumps({"pid": os.getpid(), "address": address}))
        handle.flush()
    except OSError as error:
        raise CannotStart(written(error, path)) from None
    return handle


def _whose(path: Path) -> str:
    try:
        other = json.loads(path.read_text())
        return f" (process {other['pid']}, {other['address']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def free_port(preferred: int) -> int:
    """`preferred` on loopback if it is free, else any other port."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CannotStart("No port is free on this machine.")


def written(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk that holds {path.parent} is full: free some space and start again."
    return f"{path.parent} cannot be written ({error.strerror}): choose another VAR_DIR or run as the user who owns it."

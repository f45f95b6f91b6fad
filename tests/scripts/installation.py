"""Runs a whole installation like `scripts/up`, with the tests' own Python instead of .venv."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests import ports

ROOT = Path(__file__).resolve().parents[2]
# With keys and port 9, which refuses, no local models are started and no remote ones are called.
REMOTE_MODELS = {
    "DASHSCOPE_API_KEY": "test-key",
    "DASHSCOPE_API_BASE": "http://127.0.0.1:9/v1",
    "CHATAI_API_KEY": "test-key",
    "CHATAI_API_BASE": "http://127.0.0.1:9/v1",
}
WITHIN_SECONDS = 120.0  # of a busy machine; nothing waits for longer than it has to
PARTS = {
    "redis": "valkey-server",
    "web": "daphne",
    "worker": " worker ",
    "beat": " beat ",
}


def until(true: Callable[[], Any], what: str, seconds: float = WITHIN_SECONDS) -> Any:
    """Poll every 50 ms until `true()` is truthy; returns that value."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        threading.Event().wait(0.05)
    return found


# Says more often what it waits for, so that a test need not wait for ten seconds to read it.
TALKATIVE = "import sys; from coach.supervision import __main__ as up; up.TELL_SECONDS = {}; sys.exit(up.main())"


class Installation:
    def __init__(
        self,
        var_dir: Path,
        *,
        port: int | None = None,
        host: str = "127.0.0.1",
        tells_every: float | None = None,
        **environment: str,
    ) -> None:
        self.var_dir = var_dir
        self.port = port or ports.reserved()
        self.lines: list[str] = []
        self.began = time.monotonic()
        program = ["-m", "coach.supervision"] if tells_every is None else ["-c", TALKATIVE.format(tells_every)]
        self.process = subprocess.Popen(
            [sys.executable, *program, "--host", host, "--port", str(self.port)],
            cwd=ROOT,
            env={**os.environ, **REMOTE_MODELS, "VAR_DIR": str(var_dir), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(line.rstrip("\n") for line in iter(self.process.stdout.readline, ""))

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def says(self, words: str, seconds: float = WITHIN_SECONDS) -> None:
        def said() -> bool:
            assert self.process.poll() is None or words in self.output, self.output
            return words in self.output

        until(said, f"{words!r} in\n{self.output}", seconds)

    def prepared_copy(self, var_dir: Path) -> Path:
        """Copy this installation's database and files to `var_dir`, so that a start there prepares nothing."""
        for name in ("coach.sqlite3", "run/prepared.json"):
            (var_dir / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.var_dir / name, var_dir / name)
        shutil.copytree(self.var_dir / "static", var_dir / "static")
        return var_dir

    def until_ready(self, seconds: float = 240) -> float:
        """Seconds from the start to the address being printed."""
        self.says("The practice coach is ready", seconds)
        return time.monotonic() - self.began

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
        except OSError:
            return 0, {}

    def check(self, name: str) -> bool:
        return bool(self.get("/readyz")[1].get("checks", {}).get(name, {}).get("ok"))

    def part(self, name: str) -> psutil.Process | None:
        for child in self.processes():
            try:
                if PARTS[name] in " ".join(child.cmdline()) + " ":
                    return child
            except psutil.Error:
                continue
        return None

    def processes(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(5)

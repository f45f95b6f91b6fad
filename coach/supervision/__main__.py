"""`python -m coach.supervision [--host H] [--port P]`: runs all parts in the foreground. `scripts/up` ends here."""

import argparse
import asyncio
import contextlib
import json
import os
import shlex
import signal
import socket
import sys
import time
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from coach.command_line import FULL
from coach.config import ROOT, Config, config, dotenv_file, names
from coach.supervision import instance, prepare, processes, readiness
from coach.supervision.console import Console
from coach.supervision.listen_address import AddressRefused, listen
from coach.supervision.silent_workers import SilentWorkers, last_taken
from coach.supervision.supervisor import Supervisor

POLL_SECONDS = 0.25
# A web process that exits this often before it was ever ready will not recover by itself.
HOPELESS_RESTARTS = 4
WATCH_SECONDS = 10.0
TELL_SECONDS = 10.0
WRONG_ANSWER_SECONDS = 15.0


def main() -> int:
    asked = _arguments()
    console = Console()
    for name, meant in dotenv_file.misspelt(dotenv_file.read(ROOT / ".env")[0], names()):
        console.write(f"· {name} in .env is no setting: did you mean {meant}?")
    try:
        held = instance.lock(config, _address(asked.host, asked.port))
        instance.require_room(config, prepared=prepare.is_current(config))
        listener = listen(asked.host, asked.port)
        models_port = _models_port(config)
    except (instance.CannotStart, AddressRefused) as refused:
        sys.stderr.write(f"scripts/up: {refused}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"scripts/up: {instance.not_written(error, config.var_dir)}\n")
        return 1
    with held, listener, contextlib.ExitStack() as reserved:
        models_url = None
        if models_port:
            reserved.enter_context(models_port[1])
            models_url = f"http://127.0.0.1:{models_port[0]}/v1"
        return asyncio.run(Installation(console, config, listener, asked.host, models_url).run())


class Installation:
    """One run of the whole installation, until it is told to stop."""

    def __init__(
        self, console: Console, config: Config, listener: socket.socket, host: str, models_url: str | None
    ) -> None:
        self.console = console
        self.config = config
        self.listener = listener
        self.host = host
        self.port = int(listener.getsockname()[1])
        self.models_url = models_url
        self.supervisor = Supervisor(console, self._environment())
        self.told = asyncio.Event()
        self.failure = ""

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._tell)
        await self.supervisor.open()
        work = asyncio.create_task(self._work())
        told = asyncio.create_task(self.told.wait())
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        if work.done() and (error := work.exception()):
            self.failure = self._reason(error)
        self.console.write("Stopping …")
        began = time.monotonic()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        told.cancel()
        await self.supervisor.stop("redis")
        if self.config.redis_is_embedded:
            self.config.redis_socket.unlink(missing_ok=True)
        if self.failure:
            sys.stderr.write(f"scripts/up: {self.failure}\n")
            return 1
        self.console.write(f"Stopped in {time.monotonic() - began:.1f} s.")
        return 0

    def _reason(self, error: BaseException) -> str:
        if isinstance(error, instance.CannotStart):
            return str(error)
        if isinstance(error, OSError) and (error.filename or error.errno in FULL):
            return instance.not_written(error, self.config.var_dir)
        return f"{type(error).__name__}: {error}"

    def _tell(self) -> None:
        if self.told.is_set():
            self.supervisor.kill()
        self.told.set()

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, "VAR_DIR": str(self.config.var_dir), "PYTHONUNBUFFERED": "1"}
        if self.models_url:
            environment["LOCAL_MODELS_URL"] = self.models_url
        return environment

    async def _work(self) -> None:
        if self.config.redis_is_embedded:
            self.supervisor.start(processes.redis(self.config))
        first = not prepare.is_current(self.config)
        if first:
            self.console.write("· Database, catalog and static files …")
            if await self.supervisor.run_once("setup", (sys.executable, "-m", "coach.supervision.prepare")):
                raise instance.CannotStart("the database could not be prepared: see the lines above.")
        self.console.write("· Starting …")
        for web in processes.webs(self.config, self.host, self.port, self._inherited()):
            self.supervisor.start(web)
        await self._until_answered("/healthz")
        for worker in processes.workers(self.config):
            self.supervisor.start(worker)
        self.supervisor.start(processes.beat())
        models = asyncio.create_task(self._models()) if self.models_url else None
        await self._until_answered("/readyz")
        self._welcome(first)
        try:
            await self._watch()
        finally:
            if models:
                models.cancel()

    def _inherited(self) -> int | None:
        # Daphne only accepts inherited IPv4 sockets; for other addresses it opens its own in place of ours.
        if self.listener.family == socket.AF_INET:
            return self.listener.fileno()
        self.listener.close()
        return None

    async def _until_answered(self, path: str) -> None:
        """Report every ten seconds what it waits for. Raises CannotStart if waiting is pointless."""
        began = told = time.monotonic()
        while (answer := await readiness.ask(self._local_host(), self.port, path)).status != 200:
            if self.supervisor.restarts.get("web", 0) >= HOPELESS_RESTARTS:
                raise instance.CannotStart("the web process does not start: see the lines above.")
            if answer.status not in (0, 503) and time.monotonic() - began > WRONG_ANSWER_SECONDS:
                raise instance.CannotStart(f"the web process answers {path} with {answer.status}: see the lines above.")
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                self.console.write(f"· Still starting: {answer.complaint or f'nothing answers {path} yet'} …")
            await asyncio.sleep(POLL_SECONDS)

    def _local_host(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    async def _models(self) -> None:
        assert self.models_url
        port = urlsplit(self.models_url).port or 0
        self.supervisor.start(processes.models(self.config, port))
        command = processes.weights(self.config)
        if await self.supervisor.run_once("fetch", (*command, "--check"), quiet=True):
            self.console.write(
                "· Local models: fetching (the pages work meanwhile; talking starts when they are here) …"
            )
            delay = 5.0
            while await self.supervisor.run_once("fetch", command):
                self.console.say("fetch", f"trying again in {delay:.0f} s; what was fetched is kept")
                await asyncio.sleep(delay)
                delay = min(delay * 2, 300.0)
        began = time.monotonic()
        while True:
            answer = await readiness.ask("127.0.0.1", port, "/health")
            if answer.body.get("status") == "ready":
                name = (answer.body.get("llm") or {}).get("name")
                which = f" ({name})" if name else ""
                self.console.write(f"✓ Local models are ready{which}, {time.monotonic() - began:.0f} s to load.")
                return
            await asyncio.sleep(1)

    def _welcome(self, first: bool) -> None:
        address = _address(self._local_host(), self.port)
        self.console.write(f"\n✓ The practice coach is ready: {address}\n")
        if self.host != self._local_host():
            self.console.write(
                "  From other machines: put this machine's name into ALLOWED_HOSTS; browsers give the microphone only\n"
                "  to https pages (docs/operations.md).\n"
            )
        if first and not prepare.has_admin(self.config):
            self.console.write(f"  To write scenarios, make an admin account for {address}admin/ with:\n")
            self.console.write(f"    {self._manage('createsuperuser')}\n")
        self.console.write("  Ctrl-C stops everything.\n")

    def _manage(self, command: str) -> str:
        elsewhere = self.config.var_dir != ROOT / "var" and "VAR_DIR" in os.environ
        python = Path(sys.executable)
        shown = python.relative_to(ROOT) if python.is_relative_to(ROOT) else python
        prefix = f"VAR_DIR={shlex.quote(str(self.config.var_dir))} " if elsewhere else ""
        return f"{prefix}{shlex.quote(str(shown))} manage.py {command}"

    async def _watch(self) -> None:
        idle = SilentWorkers(time.monotonic())
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            # Asking makes the web process send probes into queues without a recent heartbeat.
            answer = await readiness.ask(self._local_host(), self.port, "/readyz")
            if answer.status == 0 or not answer.check("redis").get("ok"):
                idle = SilentWorkers(time.monotonic())
                continue
            taken = await asyncio.to_thread(last_taken)
            for name in idle.silent(taken, now=time.monotonic()):
                self.console.say(name, "runs but takes no jobs; starting it again")
                self.supervisor.restart(name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/up", description="Run the practice coach in the foreground.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
    return parser.parse_args()


def _address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _models_port(config: Config) -> tuple[int, IO[str]] | None:
    """The port of the local model server to start, its previous one if possible; None if none should be started.

    It is reserved while the file is open.
    """
    if not config.local_parts or os.environ.get("LOCAL_MODELS_URL") or not processes.local_models_are_shipped():
        return None
    record = config.var_dir / "run" / "models-port.json"
    preferred = urlsplit(config.local_models_url).port or 8461
    with contextlib.suppress(OSError, ValueError):
        preferred = int(json.loads(record.read_text()))
    port, held = instance.reserve_port(preferred)
    record.write_text(json.dumps(port))
    return port, held


if __name__ == "__main__":
    sys.exit(main())

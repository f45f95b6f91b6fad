"""Keeps the parts running and stops them all: each in its own process group, its output prefixed with its name."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from coach.supervision.console import Console
from coach.supervision.processes import Process

# A part that lived this long was healthy: it is restarted at once.
WELL_AFTER_SECONDS = 10.0
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 3.0
CANNOT_START = os.EX_OSERR
# Each part waits for a line on stdin before it starts, so that the reaper knows of it first. If we are killed before
# that, stdin closes and the part exits.
WHEN_TOLD = ("/bin/sh", "-c", 'read -r _ && exec "$@" </dev/null', "sh")


class Supervisor:
    """A part that was given to `start` is kept alive until `stop`; `restarts` counts restarts by name."""

    def __init__(self, console: Console, environment: Mapping[str, str]) -> None:
        self.console = console
        self.restarts: dict[str, int] = {}
        self._environment = dict(environment)
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._parts: dict[str, Process] = {}
        self._reaper: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def open(self) -> None:
        self._reaper = await asyncio.create_subprocess_exec(
            sys.executable,
            "-ES",
            str(Path(__file__).with_name("orphan_reaper.py")),
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,
        )

    def start(self, part: Process) -> None:
        self._parts[part.name] = part
        self._tasks[part.name] = asyncio.create_task(self._keep(part))

    def restart(self, name: str) -> None:
        """Kill a part that runs but does not work; it is restarted like one that died."""
        process = self._processes.get(name)
        if process and process.returncode is None:
            _signal_group(process.pid, signal.SIGKILL)

    async def run_once(self, name: str, command: Sequence[str], *, quiet: bool = False) -> int:
        """Run a job to its end; returns its exit status, `CANNOT_START` if the system refused to start it."""
        return await self._run(Process(name, tuple(command)), quiet=quiet)

    def running(self, name: str) -> bool:
        process = self._processes.get(name)
        return process is not None and process.returncode is None

    async def stop(self, *last: str) -> None:
        """Stop everything, the parts named in `last` after all others, and wait until nothing is left."""
        self._stopping = True
        names = [name for name in self._processes if name not in last]
        await asyncio.gather(*(self._end(name) for name in names))
        for name in last:
            await self._end(name)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if self._reaper and self._reaper.stdin:
            self._reaper.stdin.close()
            await self._reaper.wait()

    def kill(self) -> None:
        """Kill everything at once: the operator asked twice."""
        for process in self._processes.values():
            _signal_group(process.pid, signal.SIGKILL)

    async def _keep(self, part: Process) -> None:
        delay = FIRST_DELAY_SECONDS
        while not self._stopping:
            began = time.monotonic()
            status = await self._run(part)
            if self._stopping:
                return
            delay = FIRST_DELAY_SECONDS if time.monotonic() - began > WELL_AFTER_SECONDS else delay
            self.console.say(part.name, f"{_how(status)}; starting it again")
            self.restarts[part.name] = self.restarts.get(part.name, 0) + 1
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    async def _run(self, part: Process, *, quiet: bool = False) -> int:
        try:
            process = await self._spawn(part)
        except OSError as error:  # no process, memory or descriptor left just now
            self.console.say(part.name, f"cannot be started ({error.strerror or type(error).__name__})")
            return CANNOT_START
        console = Console(quiet=True) if quiet else self.console
        shown = asyncio.create_task(console.pump(part.name, process.stdout, unsaid=part.unsaid))
        status = await process.wait()
        # Kill whatever the part had started, which also closes its output.
        _signal_group(process.pid, signal.SIGKILL)
        self._tell_reaper(f"-{process.pid}\n")
        await shown
        return status

    async def _spawn(self, part: Process) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *WHEN_TOLD,
            *part.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**self._environment, **part.environment},
            pass_fds=part.descriptors,
            start_new_session=True,
        )
        if part.core is not None:
            _keep_to_core(process.pid, part.core)
        self._processes[part.name] = process
        self._parts.setdefault(part.name, part)
        self._tell_reaper(f"+{process.pid}\n")
        if process.stdin:
            process.stdin.write(b"\n")
            process.stdin.close()
        return process

    def _tell_reaper(self, line: str) -> None:
        if self._reaper and self._reaper.stdin and self._reaper.returncode is None:
            self._reaper.stdin.write(line.encode())

    async def _end(self, name: str) -> None:
        process = self._processes[name]
        if process.returncode is None:
            _signal_group(process.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self._parts[name].stop_seconds)
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()


def _keep_to_core(pid: int, number: int) -> None:
    """Pin the process to one core, before it has threads, where the system can; one that has died is restarted."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(pid, {cores[number % len(cores)]})


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _how(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"

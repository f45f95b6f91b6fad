"""A part is kept alive even if the system has no process for it just now."""

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest

from coach.supervision import supervisor as supervision
from coach.supervision.console import Console
from coach.supervision.processes import Process
from coach.supervision.supervisor import Supervisor

SLEEPS = Process("live", ("sleep", "600"))

real_process = asyncio.create_subprocess_exec


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the operator reads; nothing waits before a restart."""
    monkeypatch.setattr(supervision, "FIRST_DELAY_SECONDS", 0.0)
    return io.StringIO()


def refusing(*numbers: int) -> Callable[..., Any]:
    """The system refuses the calls of these numbers, as it does when it has no process or memory left."""
    calls = iter(range(1, 1_000))

    async def spawn(*command: str, **options: Any) -> asyncio.subprocess.Process:
        if next(calls) in numbers:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return await real_process(*command, **options)

    return spawn


async def test_a_part_is_started_again_although_it_could_not_be_started_once(
    said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "create_subprocess_exec", refusing(2))
    parts = Supervisor(Console(said), {})
    parts.start(SLEEPS)
    async with asyncio.timeout(60):
        await until(lambda: parts.running("live"))
        parts.restart("live")
        await until(lambda: parts.restarts.get("live") == 2)
        await until(lambda: parts.running("live"))
    await parts.stop()
    assert "live    | cannot be started (Resource temporarily unavailable)" in said.getvalue()


async def test_a_job_that_could_not_be_started_is_a_job_that_failed(
    said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "create_subprocess_exec", refusing(1))
    parts = Supervisor(Console(said), {})
    assert await parts.run_once("fetch", ("true",), quiet=True) != 0
    assert await parts.run_once("fetch", ("true",), quiet=True) == 0
    await parts.stop()
    assert "fetch   | cannot be started (Resource temporarily unavailable)" in said.getvalue()


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 (nothing tells of it)
        await asyncio.sleep(0.01)

"""Requests from several threads share one event loop, whichever comes first."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

from coach.providers import blocking


async def loop_of_this() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_two_first_callers_at_once_get_the_same_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(20):
        # A process that has asked for nothing yet; the other tests keep the loop they have.
        monkeypatch.setattr(blocking, "_loop", cache(blocking._loop.__wrapped__))
        at_once = threading.Barrier(8)

        def ask(at_once: threading.Barrier = at_once) -> asyncio.AbstractEventLoop:
            at_once.wait()
            return blocking.run(loop_of_this())

        with ThreadPoolExecutor(8) as callers:
            loops = {future.result() for future in [callers.submit(ask) for _ in range(8)]}
        for loop in loops:
            loop.call_soon_threadsafe(loop.stop)
        assert len(loops) == 1

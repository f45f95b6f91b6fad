"""Blocking requests from several threads share one event loop, whichever thread comes first."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

from coach.providers import blocking


async def loop_of_this() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_two_simultaneous_first_callers_get_the_same_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(20):
        # As in a fresh process; the other tests keep their loop.
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

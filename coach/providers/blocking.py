"""Asynchronous requests from blocking code: one event loop per process, in a thread of its own."""

import asyncio
import os
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_starting = threading.Lock()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Wait for `work`; call it from any thread that runs no event loop. Raises what it raises."""
    # `cache` alone lets two first callers make a loop each, and the client of one would be used in the other.
    with _starting:
        loop = _loop(os.getpid())
    waiting = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        return waiting.result()
    except BaseException:
        # A worker that is told to give up must not leave a request behind.
        waiting.cancel()
        raise


# Keyed by process: threads do not survive a fork.
@cache
def _loop(process: int) -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="model-requests", daemon=True).start()
    return loop

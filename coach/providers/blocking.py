"""Runs asynchronous requests from blocking code: one event loop per process, in its own thread."""

import asyncio
import os
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_starting = threading.Lock()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` and wait for it; call from any thread without an event loop. Raises what it raises."""
    # `cache` alone would let two first callers create a loop each, and one's client would be used in the other's loop.
    with _starting:
        loop = _loop(os.getpid())
    waiting = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        return waiting.result()
    except BaseException:
        # A worker that is told to stop must not leave a request behind.
        waiting.cancel()
        raise


# Keyed by process: threads do not survive a fork.
@cache
def _loop(process: int) -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="model-requests", daemon=True).start()
    return loop

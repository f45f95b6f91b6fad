"""Runs blocking work for async code in separate threads, so that one wait for a lock never delays every socket."""

import statistics
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from channels.db import DatabaseSyncToAsync
from django.db import connection

from coach import clock
from coach.database import reserved
from coach.database.conflicts import retried

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 16
_POOL = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="work")
# How far back `Waits` looks.
RECENT_SECONDS = 5.0
# Limits and leases stay on time even if all other threads are busy: a slow process must not be taken for a dead one.
_TIMELY = ThreadPoolExecutor(reserved.CONNECTIONS, thread_name_prefix="timely", initializer=reserved.reserve)


class Waits:
    """How long callers recently waited for their work in a thread: this grows first when a process has too much to do.

    It counts the wait for a thread, for a connection, for the processor, and for the event loop to take the result.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._recent: deque[tuple[float, float]] = deque()
        self._lock = threading.Lock()

    def ended(self, seconds: float) -> None:
        """Somebody has waited for `seconds` and goes on now."""
        with self._lock:
            self._recent.append((self._monotonic(), seconds))
            self._forget()

    def median(self) -> float:
        """Seconds, over the last `RECENT_SECONDS`; 0 after less work than there are threads, which proves nothing."""
        with self._lock:
            self._forget()
            return statistics.median(each for _, each in self._recent) if len(self._recent) > THREADS else 0.0

    def _forget(self) -> None:
        until = self._monotonic() - RECENT_SECONDS
        while self._recent and self._recent[0][0] < until:
            self._recent.popleft()


waits = Waits()


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` (the ORM included) in a thread; its database connection is given back afterwards.

    Work that loses a database conflict is retried: `work` begins its own transactions.
    """
    return await _run(_POOL, work, *args, **kwargs)


async def in_thread_now(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Like `in_thread`, with `now` from the moment the database answers, which may be long after the call."""

    return await _run(_POOL, _at_hand(work), *args, **kwargs)


async def in_timely_thread(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Like `in_thread_now`, without waiting for a thread or a connection: for what a process must do every second."""
    return await _run(_TIMELY, _at_hand(work), *args, **kwargs)


def _at_hand(work: Callable[..., T]) -> Callable[..., T]:
    def begun(*args: Any, **kwargs: Any) -> T:
        connection.ensure_connection()
        return work(*args, **kwargs, now=clock.now())

    return begun


async def _run(pool: ThreadPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    asked_at = time.monotonic()
    result = await DatabaseSyncToAsync(retried(work), thread_sensitive=False, executor=pool)(*args, **kwargs)
    if pool is _POOL:
        waits.ended(time.monotonic() - asked_at)
    return result

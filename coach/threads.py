"""Runs blocking work for async code in separate threads, so that one wait for a lock never delays every socket."""

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
# Limits and leases stay on time even if all other threads are busy: a slow process must not be taken for a dead one.
_TIMELY = ThreadPoolExecutor(reserved.CONNECTIONS, thread_name_prefix="timely", initializer=reserved.reserve)


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
    return await DatabaseSyncToAsync(retried(work), thread_sensitive=False, executor=pool)(*args, **kwargs)

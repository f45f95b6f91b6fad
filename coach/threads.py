"""Blocking work for async code, in threads of its own: one wait for a lock never holds up every socket."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from channels.db import DatabaseSyncToAsync
from django.db import connection

from coach import clock
from coach.database.conflicts import retried

P = ParamSpec("P")
T = TypeVar("T")

_POOL = ThreadPoolExecutor(max_workers=16, thread_name_prefix="work")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` (the ORM included) in a thread; its database connection is given back afterwards.

    What loses against other work in the database is begun anew: `work` begins its own transactions.
    """
    return await DatabaseSyncToAsync(retried(work), thread_sensitive=False, executor=_POOL)(*args, **kwargs)


async def in_thread_now(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """As `in_thread`, with `now` from the moment the database answers, which may be long after the call."""

    def at_hand() -> T:
        connection.ensure_connection()
        return work(*args, **kwargs, now=clock.now())

    return await in_thread(at_hand)

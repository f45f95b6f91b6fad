"""How async code talks to Redis: no timeout inside the client, one around each use.

Before Python 3.12 `asyncio.wait_for` drops a cancellation that meets its result (python/cpython#86296). redis-py wraps
every send into it wherever `socket_timeout` is set, so that a task in a loop over commands could not be cancelled for
certain. Who awaits a command bounds it with `asyncio.timeout`; a peer that vanished is found by TCP keep-alive.
"""

from typing import Any

from redis.asyncio import Redis

ASYNC_OPTIONS: dict[str, Any] = {"socket_timeout": None, "socket_connect_timeout": 2.0}


def connect(url: str) -> Redis:
    """A client for one event loop."""
    return Redis.from_url(url, **ASYNC_OPTIONS)

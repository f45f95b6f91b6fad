"""Redis for async code: no time-out inside the client, one around each use.

Before Python 3.12 `asyncio.wait_for` loses a cancellation that coincides with its result (python/cpython#86296).
redis-py wraps every send in it if `socket_timeout` is set, so that a task that runs commands in a loop could not be
cancelled reliably. Callers limit each command with `asyncio.timeout`; TCP keep-alive detects a vanished peer.
"""

from typing import Any

from redis.asyncio import Redis

ASYNC_OPTIONS: dict[str, Any] = {"socket_timeout": None, "socket_connect_timeout": 2.0}


def connect(url: str) -> Redis:
    """A client for one event loop."""
    return Redis.from_url(url, **ASYNC_OPTIONS)

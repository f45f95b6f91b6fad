"""Relays a reply to sockets of other processes: one bounded Redis stream per turn, a copy of the feed.

It is written only when a process asks for it, because usually the process that took the turn also holds its socket. The
feed is written first. Without Redis a reply still reaches the sockets of its own process; the others get it once it is
stored.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from coach.providers.ports import ProviderUnavailable
from practice.turns.events import (
    LAST,
    AudioSpoken,
    Fact,
    ModelsAway,
    ReplyFailed,
    ReplyFinished,
    ReplyInterrupted,
    ReplyStarted,
    TextSpoken,
)
from practice.turns.feed import Feed

log = structlog.get_logger(__name__)

# More facts than two minutes of speech have, even if a model sends them sample by sample.
MAX_FACTS = 20_000
LIVES_SECONDS = 300
READ_SECONDS = 0.5
# How long Redis may take to answer.
REDIS_SECONDS = 3.0


class Relay:
    """The streams of all turns, in one Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._copying: set[asyncio.Task[None]] = set()

    def begin_copy(self, turn_id: str, feed: Feed) -> None:
        """Like `copy`, in the background."""
        task = asyncio.create_task(self.copy(turn_id, feed), name=f"relay-{turn_id}")
        self._copying.add(task)
        task.add_done_callback(self._copying.discard)

    async def close(self) -> None:
        """Stop all copying."""
        for task in self._copying:
            task.cancel()
        if self._copying:
            await asyncio.wait(self._copying, timeout=REDIS_SECONDS)

    async def copy(self, turn_id: str, feed: Feed) -> None:
        """Copy a feed as it is written until it ends; gives up quietly if Redis is away."""
        key = _key(turn_id)
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                await self._redis.delete(key)
            async for facts in feed.batches():
                async with self._redis.pipeline(transaction=False) as pipe:
                    for fact in facts:
                        pipe.xadd(key, _encode(fact), maxlen=MAX_FACTS, approximate=True)
                    if any(isinstance(fact, (ReplyStarted, *LAST)) for fact in facts):
                        pipe.expire(key, LIVES_SECONDS)
                    async with asyncio.timeout(REDIS_SECONDS):
                        await pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("reply not relayed to other processes", turnId=turn_id, error=type(error).__name__)

    async def follow(
        self, turn_id: str, *, ask: Callable[[str], None], until: Callable[[str], object]
    ) -> AsyncGenerator[Fact, None]:
        """Yield facts from the latest start on, as they come, until the reply ends or `until` is true; waits for Redis.

        `ask` makes the other processes write it. It is repeated while nothing comes, because a message may be lost and
        another process may have taken over the turn.
        """
        key = _key(turn_id)
        last: Any = b"0"
        found: Any = None
        while not until(turn_id):
            if not found:
                ask(turn_id)
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    found = await self._redis.xread({key: last}, block=round(READ_SECONDS * 1000), count=200)
            except (RedisError, OSError):
                found = None
                await asyncio.sleep(READ_SECONDS)
                continue
            for _, entries in found or ():
                for entry_id, fields in entries:
                    last = entry_id
                    fact = _decode(fields)
                    yield fact
                    if isinstance(fact, LAST):
                        return


def _key(turn_id: str) -> str:
    return f"practice:reply:{turn_id}"


def _encode(fact: Fact) -> dict[Any, Any]:
    match fact:
        case TextSpoken(text):
            return {"k": "text", "d": text.encode()}
        case AudioSpoken(pcm):
            return {"k": "audio", "d": pcm}
        case _:
            return {"k": type(fact).__name__}


def _decode(fields: dict[bytes, bytes]) -> Fact:
    match fields[b"k"]:
        case b"text":
            return TextSpoken(fields[b"d"].decode())
        case b"audio":
            return AudioSpoken(fields[b"d"])
        case b"ReplyStarted":
            return ReplyStarted()
        case b"ModelsAway":
            return ModelsAway()
        case b"ReplyFinished":
            return ReplyFinished()
        case b"ReplyInterrupted":
            return ReplyInterrupted()
        case _:
            return ReplyFailed(ProviderUnavailable("failed in another process"))

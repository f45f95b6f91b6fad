"""The facts of one reply as they come, from the first one for whoever joins late."""

import asyncio
from collections.abc import AsyncGenerator

from practice.turns.events import LAST, Fact


class Feed:
    """Written by the runner of this process, followed by its sockets. Bounded by the length a reply may have."""

    def __init__(self) -> None:
        self._facts: list[Fact] = []
        self._closed = False
        self._more = asyncio.Event()

    def put(self, fact: Fact) -> None:
        """Nothing after the last fact is kept."""
        if self._closed:
            return
        self._facts.append(fact)
        self._closed = isinstance(fact, LAST)
        self._wake()

    def close(self) -> None:
        """Nobody says it here after all."""
        self._closed = True
        self._wake()

    async def follow(self) -> AsyncGenerator[Fact, None]:
        at = 0
        while True:
            more = self._more
            while at < len(self._facts):
                yield self._facts[at]
                at += 1
            if self._closed:
                return
            if more is self._more:
                await more.wait()

    def _wake(self) -> None:
        self._more.set()
        self._more = asyncio.Event()

"""The facts of one reply as they arrive; late readers get them from the beginning."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from practice.turns.events import LAST, Fact


class Feed:
    """Written by this process's runner, followed by its sockets. Bounded by the maximum length of a reply."""

    def __init__(self) -> None:
        self._facts: list[Fact] = []
        self._closed = False
        self._more = asyncio.Event()

    def put(self, fact: Fact) -> None:
        """Add a fact; anything after the last one is dropped."""
        if self._closed:
            return
        self._facts.append(fact)
        self._closed = isinstance(fact, LAST)
        self._wake()

    def close(self) -> None:
        """The reply is not said in this process after all."""
        self._closed = True
        self._wake()

    @property
    def is_whole(self) -> bool:
        """Whether the last fact has arrived."""
        return bool(self._facts) and isinstance(self._facts[-1], LAST)

    async def follow(self) -> AsyncGenerator[Fact, None]:
        async with aclosing(self.batches()) as batches:
            async for facts in batches:
                for fact in facts:
                    yield fact

    async def batches(self) -> AsyncGenerator[list[Fact], None]:
        """Yield all facts available at a time, from the first one until the feed closes."""
        at = 0
        while True:
            more = self._more
            while facts := self._facts[at:]:
                at += len(facts)
                yield facts
            if self._closed:
                return
            if more is self._more:
                await more.wait()

    def _wake(self) -> None:
        self._more.set()
        self._more = asyncio.Event()

"""The interface to a language model, and the order of its requests.

Turns and background work (objective checks, evaluations) never share a slot, so a turn's prompt prefix stays cached.
Turns go first, then prefill, then background work; lower ones are stopped and repeated afterwards. While a trainee
speaks no background work begins, so that none has to be stopped when they finish.

    EngineError          the model could not answer
    ├── PromptTooLong    more than one slot holds
    └── EngineGone       the server that it runs on is away
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

Answer = TypeVar("Answer")

PAUSE_SECONDS = 3.0  # between two pieces of a trainee's speech


class EngineError(Exception):
    """`str()` is for operators: short, without spoken words."""


class PromptTooLong(EngineError):
    """The request is longer than the model can read at once."""


class EngineGone(EngineError):
    """Nothing is wrong with the request: the model, or another, answers it in a while."""


@dataclass(frozen=True)
class Script:
    """A dialogue for one speaker to continue.

    `text` is for raw completion and ends where the speaker begins; `messages` say the same to servers that only chat.
    `fixed` is the length of the part of `text` that stays the same for the whole session; `slot` is where it is cached.
    """

    text: str
    messages: Sequence[Mapping[str, str]]
    stop: Sequence[str]
    fixed: int = 0
    slot: Literal["turn", "opening"] = "turn"


@dataclass
class TokenCount:
    """Tokens of one request; `fresh_tokens` of the input were not in the cache at its first try.

    `hearing` is the time for recognition in seconds.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    fresh_tokens: int = 0
    hearing: float = 0.0


class Engine(Protocol):
    name: str
    precedence: "Precedence"

    def speak(self, script: Script, *, max_tokens: int, tally: TokenCount) -> AsyncIterator[str]:
        """Stream the continuation; closing the iterator stops the model. Raises EngineError."""
        ...

    async def warm(self, script: Script, tally: TokenCount, *, again: bool = True) -> None:
        """Read the script into the cache without generating; gives way to turns. Raises EngineError.

        If a turn interrupts it, it is read `again` afterwards, or not at all.
        """
        ...

    async def answer(
        self,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any] | None,
        *,
        max_tokens: int,
        tally: TokenCount,
    ) -> str:
        """One whole answer, constrained by the JSON `schema` if given; gives way to turns. Raises EngineError."""
        ...

    async def yes_no_log_odds(
        self, messages: Sequence[Mapping[str, str]], answers: tuple[str, str], *, tally: TokenCount
    ) -> float | None:
        """Log-odds that the answer begins with the first of two words rather than the second; gives way to turns.

        None if the engine gives no probabilities. Raises EngineError.
        """
        ...

    async def close(self) -> None: ...


def odds(content: object, answers: tuple[str, str]) -> float | None:
    """Log-odds from the `logprobs.content` of a chat completion; None if it contains neither word."""
    first = content[0] if isinstance(content, list) and content else {}
    told: dict[str, float] = {}
    for one in first.get("top_logprobs") or () if isinstance(first, dict) else ():
        told.setdefault(str(one["token"]).strip(), float(one["logprob"]))
    if not any(answer in told for answer in answers):
        return None
    least = min(told.values())
    return told.get(answers[0], least) - told.get(answers[1], least)


class PausableQueue:
    """Does one piece of work at a time, and none while it is closed; closing it stops the current one."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._open = asyncio.Event()
        self._open.set()
        self._under_way: asyncio.Task[Any] | None = None

    def open(self, yes: bool) -> None:
        if yes:
            self._open.set()
        else:
            self._open.clear()
            if self._under_way is not None:
                self._under_way.cancel()

    async def do(self, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do the work to its end, starting again whenever the queue was closed in between."""
        async with self._one:
            while True:
                await self._open.wait()
                task = asyncio.ensure_future(work())
                self._under_way = task
                try:
                    await asyncio.wait({task})
                finally:
                    self._under_way = None
                    if not task.done():
                        task.cancel()
                if not task.cancelled():
                    return task.result()


class Precedence:
    """`turn()` stops everything else until no turn is left; `reading` and `speech` hold up background work."""

    def __init__(self, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._pause_seconds = pause_seconds
        self._turns = self._readings = self._speakers = 0
        self._read, self._paper = PausableQueue(), PausableQueue()
        # Held while a form asks several questions about one prompt: another prompt in between would evict it from the
        # cache, and every question would read it again.
        self.form = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        self._count(turns=1)
        try:
            yield
        finally:
            self._count(turns=-1)

    @asynccontextmanager
    async def speech(self) -> AsyncIterator[None]:
        """Somebody is speaking, and is assumed to for another `pause_seconds` unless they are heard again."""
        self._count(speakers=1)
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(self._pause_seconds, lambda: self._count(speakers=-1))

    async def reading(self, work: Callable[[], Awaitable[Answer]]) -> Answer:
        self._count(readings=1)
        try:
            return await self._read.do(work)
        finally:
            self._count(readings=-1)

    async def background(self, work: Callable[[], Awaitable[Answer]]) -> Answer:
        return await self._paper.do(work)

    def _count(self, *, turns: int = 0, readings: int = 0, speakers: int = 0) -> None:
        self._turns += turns
        self._readings += readings
        self._speakers += speakers
        self._read.open(not self._turns)
        self._paper.open(not (self._turns or self._readings or self._speakers))

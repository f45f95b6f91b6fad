"""What the server needs from a language model, and who goes first.

Turns and paperwork (objective checks, evaluations) never share a slot: a turn's prompt prefix stays cached.
Paperwork that is under way is stopped as soon as someone waits for a turn, and done again afterwards.

    EngineError          the model could not answer
    └── PromptTooLong    more than one slot holds
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

Answer = TypeVar("Answer")


class EngineError(Exception):
    """`str()` is fit for an operator: short, without a spoken word."""


class PromptTooLong(EngineError):
    """The request holds more than the model can read at once."""


@dataclass(frozen=True)
class Script:
    """A dialogue that one speaker is to continue.

    `text` is for raw completion and ends where the speaker begins; `messages` say the same to servers that only chat.
    `fixed` is the length of the part of `text` that stays the same for the whole session; `slot` is where it is cached.
    """

    text: str
    messages: Sequence[Mapping[str, str]]
    stop: Sequence[str]
    fixed: int = 0
    slot: Literal["turn", "opening"] = "turn"


@dataclass
class Tally:
    """Tokens of one request; `fresh_tokens` of the input were not in the cache. `hearing` in seconds."""

    input_tokens: int = 0
    output_tokens: int = 0
    fresh_tokens: int = 0
    hearing: float = 0.0


class Engine(Protocol):
    name: str
    precedence: "Precedence"

    def speak(self, script: Script, *, max_tokens: int, tally: Tally) -> AsyncIterator[str]:
        """Stream the continuation; closing the iterator stops the model. Raises EngineError."""
        ...

    async def warm(self, script: Script, tally: Tally) -> None:
        """Read the script into the cache, generating nothing; gives way to turns. Raises EngineError."""
        ...

    async def answer(
        self,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any] | None,
        *,
        max_tokens: int,
        tally: Tally,
    ) -> str:
        """One whole answer, held to the JSON `schema` if there is one; gives way to turns. Raises EngineError."""
        ...

    async def inclination(
        self, messages: Sequence[Mapping[str, str]], answers: tuple[str, str], *, tally: Tally
    ) -> float | None:
        """Log-odds that the answer begins with the first of two words rather than the second; gives way to turns.

        None where the engine does not tell. Raises EngineError.
        """
        ...

    async def close(self) -> None: ...


def odds(content: object, answers: tuple[str, str]) -> float | None:
    """From the `logprobs.content` of a chat completion; None where it holds neither word."""
    first = content[0] if isinstance(content, list) and content else {}
    told: dict[str, float] = {}
    for one in first.get("top_logprobs") or () if isinstance(first, dict) else ():
        told.setdefault(str(one["token"]).strip(), float(one["logprob"]))
    if not any(answer in told for answer in answers):
        return None
    least = min(told.values())
    return told.get(answers[0], least) - told.get(answers[1], least)


class Precedence:
    """Turns first: `turn()` stops the paperwork under way and keeps more from starting until no turn is left."""

    def __init__(self) -> None:
        self._turns = 0
        self._no_turn = asyncio.Event()
        self._no_turn.set()
        self._desk = asyncio.Lock()
        self._under_way: asyncio.Task[Any] | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        self._turns += 1
        self._no_turn.clear()
        if self._under_way is not None:
            self._under_way.cancel()
        try:
            yield
        finally:
            self._turns -= 1
            if self._turns == 0:
                self._no_turn.set()

    async def paperwork(self, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do `work` to its end, one piece of paperwork at a time, anew whenever a turn came in between."""
        async with self._desk:
            while True:
                await self._no_turn.wait()
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

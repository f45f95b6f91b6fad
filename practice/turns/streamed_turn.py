"""A turn while its sound streams in over one socket, before it is submitted."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from coach.audio import recording_limits
from coach.providers.ports import EndOfTurnModel
from practice.turns.prefill import PrefillWhileSpeaking
from practice.turns.rehearsal import Rehearsal

Tell = Callable[[dict[str, Any]], Awaitable[None]]


class StreamedTurn:
    """What one socket has sent so far of the turn being spoken."""

    def __init__(
        self,
        sequence: int,
        started_at: datetime,
        overhearing: PrefillWhileSpeaking | None,
        rehearsal: Rehearsal | None = None,
    ) -> None:
        self.sequence = sequence
        self.started_at = started_at
        self._sound = bytearray()
        self._overhearing = overhearing
        self._rehearsal = rehearsal
        self._asking: asyncio.Task[None] | None = None

    def add(self, piece: bytes) -> None:
        """Keep one byte more than is allowed: enough for the check to refuse it, though not to know its size."""
        room = recording_limits.MAX_BYTES + 1 - len(self._sound)
        self._sound += piece[: max(0, room)]
        if self._overhearing:
            self._overhearing.hear(self._sound)

    def ask_whether_over(self, model: EndOfTurnModel | None, tell: Tell) -> None:
        """Pass the model's opinion of the pause to `tell`, and prepare the answer in case it is the end.

        One question at a time; further ones are dropped meanwhile.
        """
        if self._rehearsal:
            self._rehearsal.begin(lambda: self.sound)
        if model and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self._ask(model, tell), name="end-of-turn")

    async def _ask(self, model: EndOfTurnModel, tell: Tell) -> None:
        probability = await model.finished(self.sound)
        if probability is not None:
            await tell({"type": "end_of_turn", "sequence": self.sequence, "probability": probability})

    def end(self) -> None:
        """Nothing more will come."""
        if self._asking:
            self._asking.cancel()
        if self._overhearing:
            self._overhearing.stop()
        if self._rehearsal:
            self._rehearsal.stop()

    @property
    def sound(self) -> bytes:
        return bytes(self._sound)

"""Prefill: what a local model reads before it is needed, such as the scenario, or a turn while it is being spoken.

On two cores most of the time between the trainee's last word and the first word of the answer went into reading what
was known before. Prefill is only an optimisation: what could not be read in advance is read when the reply is
requested.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from coach.providers.ports import PromptLine, ReplyRequest, RoleplayModel
from coach.threads import in_thread
from practice.lifecycle import ReplyStatus, SessionStatus
from practice.models import PracticeSession
from practice.turns import roleplay_prompt

log = structlog.get_logger(__name__)

EVERY_BYTES = 3_000  # a second of speech

Find = Callable[[], ReplyRequest | None]


class Prefill:
    """Runs one request at a time; of those that arrive meanwhile only the latest is kept.

    Use it from the event loop.
    """

    def __init__(self, model: RoleplayModel) -> None:
        self._model = model
        self._next: Find | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self, find: Find) -> None:
        """`find` may use the database; if it returns None there is nothing to read."""
        self._next = find
        if self._task is None:
            self._task = asyncio.create_task(self._read(), name="read-ahead")

    def stop(self) -> None:
        self._next = None
        if self._task:
            self._task.cancel()

    async def _read(self) -> None:
        try:
            while self._next:
                find, self._next = self._next, None
                if request := await in_thread(find):
                    await self._model.warm(request)
        except Exception:
            # Safe to ignore: the reply's own request meets the same fault and reports it to the trainee.
            log.exception("prefill failed")
        finally:
            self._task = None


class PrefillWhileSpeaking:
    """Prefill for one trainee turn while it is spoken: about every second, what has arrived is passed on."""

    def __init__(self, model: RoleplayModel, session_id: str, sequence: int) -> None:
        self._reader = Prefill(model)
        self._session_id = session_id
        self._sequence = sequence
        self._known: ReplyRequest | None = None
        self._handed_on = 0

    def hear(self, sound: bytearray) -> None:
        """`sound`: all MP3 bytes that have arrived so far."""
        if len(sound) - self._handed_on >= EVERY_BYTES:
            self._handed_on = len(sound)
            self._reader.begin(lambda: self._request(bytes(sound)))

    def stop(self) -> None:
        """The turn is over: prefill must not delay the answer."""
        self._reader.stop()

    def _request(self, sound: bytes) -> ReplyRequest | None:
        if self._known is None:
            if (session := _session(self._session_id)) is None:
                return None
            self._known = roleplay_prompt.turn_ahead(session, self._sequence)
        return replace(self._known, lines=[*self._known.lines, PromptLine("trainee", mp3=sound)])


def trainees_turn(session_id: str) -> ReplyRequest | None:
    """The request as known while it is the trainee's turn to speak; None at any other time."""
    session = _session(session_id)
    latest = session.turns.order_by("-sequence").first() if session else None
    if session is None or latest is None or latest.reply_status != ReplyStatus.COMPLETE:
        return None
    return roleplay_prompt.turn_ahead(session, latest.sequence + 1)


def _session(session_id: str) -> PracticeSession | None:
    active = PracticeSession.objects.filter(pk=session_id, status=SessionStatus.ACTIVE)
    return active.select_related("continues_from").first()

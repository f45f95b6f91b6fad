"""Prepares the answer in a pause that may be the end of a turn, before anybody knows whether it is.

Nothing is accepted, stored or heard: what was found is only remembered by the models, and waits there until the turn is
sent. If the trainee goes on instead, nothing has to be taken back. Only for personas that a model on this machine plays
from a role brief, whose answer follows from what was said alone.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from coach.providers.ports import PromptLine, ReplyRequest
from coach.threads import in_thread
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession
from practice.persona.role_player import RolePlayer
from practice.persona.rules import role_storage
from practice.persona.rules.role_storage import RolePart
from practice.turns import roleplay_prompt

log = structlog.get_logger(__name__)

# After the first question of a pause (224 ms). What was said before so much silence is recognised as it will be at the
# end, so that work is not done twice; a machine that is busy already would answer later for it.
SETTLED_SECONDS = 0.45


class Rehearsal:
    """The answer to the trainee's turn `sequence`, as far as it is said. Use it from the event loop."""

    def __init__(self, player: RolePlayer, session_id: str, sequence: int) -> None:
        self._player = player
        self._session_id = session_id
        self._sequence = sequence
        self._task: asyncio.Task[None] | None = None

    def begin(self, sound: Callable[[], bytes]) -> None:
        """In `SETTLED_SECONDS`, unless one is under way. `sound`: the MP3 of the turn, as much as there is by then."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(sound), name="rehearsal")

    def stop(self) -> None:
        """The turn is over: a rehearsal must not delay the answer."""
        if self._task:
            self._task.cancel()

    async def _run(self, sound: Callable[[], bytes]) -> None:
        await asyncio.sleep(SETTLED_SECONDS)
        try:
            if found := await in_thread(self._asked, sound()):
                await self._player.rehearse(*found)
        except Exception:
            # Safe to ignore: the reply itself meets the same fault and reports it to the trainee.
            log.exception("rehearsal failed", sessionId=self._session_id)

    def _asked(self, sound: bytes) -> tuple[ReplyRequest, RolePart] | None:
        """What would be asked for if the turn were sent now; None without a role brief."""
        active = PracticeSession.objects.filter(pk=self._session_id, status=SessionStatus.ACTIVE)
        session = active.select_related("continues_from").first()
        if session is None:
            return None
        turns = roleplay_prompt.said_before(session, self._sequence)
        part = role_storage.part(session, self._sequence + 1, turns)
        if part is None:
            return None
        request = roleplay_prompt.reply_request(session, self._sequence + 1, turns)
        return replace(request, lines=[*request.lines, PromptLine("trainee", mp3=sound)]), part

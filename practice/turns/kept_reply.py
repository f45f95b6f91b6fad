"""Stores a reply that was said, whatever goes wrong meanwhile: the trainee heard it, and nobody else has it.

A failing store is no reason to ask the model again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from coach import clock
from coach.database.unavailable import is_away
from coach.threads import in_thread, in_thread_now
from practice import sessions
from practice.lifecycle import Reason
from practice.outage_time import FORGIVEN_AT_MOST
from practice.persona.role_state import RoleState
from practice.turns import replies
from practice.turns.events import Fact, ReplyFailed, ReplyFinished, Spoken

log = structlog.get_logger(__name__)

STORE_PAUSES = (1.0, 3.0)
AWAY_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class SpokenReply:
    """The outcome of a reply; `last` is how it ended."""

    spoken: Spoken
    first_audio_at: datetime | None
    last: Fact
    role_state: RoleState | None


async def keep(
    claim: replies.ReplyClaim,
    said: SpokenReply,
    *,
    holder: str,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> replies.Stored | None:
    """None if the holder has lost the turn.

    After three failures the reply is kept without its sound, and the session ends. If the database stays away for
    longer than `FORGIVEN_AT_MOST`, its error is raised: by then the session is over its limit, and ends when the
    database is back.
    """
    whole, failed = isinstance(said.last, ReplyFinished), isinstance(said.last, ReplyFailed)
    if isinstance(said.last, ReplyFailed):
        log.warning("roleplay model failed", sessionId=claim.session_id, error=str(said.last.error))
    pauses = list(STORE_PAUSES)
    words_only = False
    away_since: datetime | None = None
    while True:
        try:
            stored = await in_thread_now(
                replies.store,
                claim.turn_id,
                said.spoken,
                holder=holder,
                first_audio_at=said.first_audio_at,
                whole=whole,
                failed=failed,
                words_only=words_only,
                refused=isinstance(said.last, ReplyFinished) and said.last.refused,
                role_state=said.role_state,
            )
            break
        except Exception as error:  # any kind: nothing is swallowed, it is tried again, counted, or raised
            if is_away(error):
                away_since = away_since or clock.now()
                if clock.now() - away_since >= FORGIVEN_AT_MOST:
                    raise
                log.warning("reply waits for the database", turnId=claim.turn_id, error=type(error).__name__)
                await sleep(AWAY_PAUSE_SECONDS)
                continue
            if words_only:
                raise
            log.exception("reply not stored", turnId=claim.turn_id)
            if pauses:
                await sleep(pauses.pop(0))
            else:
                words_only = True
    if failed or words_only:
        await in_thread(sessions.end, claim.session_id, Reason.QA_ERROR, now=clock.now())
    return stored

"""Stores a reply that was said, whatever goes wrong meanwhile: the trainee heard it, and nobody else has it.

A failing store is no reason to ask the model again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import structlog

from coach import clock
from coach.database.unavailable import is_away
from coach.threads import in_thread, in_thread_now
from practice import session_end
from practice.lifecycle import Reason
from practice.limits.outage_time import FORGIVEN_AT_MOST
from practice.turns import replies, store_reply
from practice.turns.events import ReplyFailed
from practice.turns.spoken_reply import SpokenReply
from practice.turns.store_reply import Stored

log = structlog.get_logger(__name__)

STORE_PAUSES = (1.0, 3.0)
AWAY_PAUSE_SECONDS = 1.0

Sleep = Callable[[float], Awaitable[None]]


async def keep(
    claim: replies.ReplyClaim,
    reply: SpokenReply,
    *,
    holder: str,
    sleep: Sleep = asyncio.sleep,
) -> Stored | None:
    """None if the holder has lost the turn.

    After three failures the reply is kept without its sound, and the session ends. If the database stays away for
    longer than `FORGIVEN_AT_MOST`, its error is raised: by then the session is over its limit, and ends when the
    database is back.
    """
    if failed := isinstance(reply.end, ReplyFailed):
        log.warning("roleplay model failed", sessionId=claim.session_id, error=str(reply.end.error))
    store = partial(_store_while_database_may_return, claim.turn_id, reply, holder, sleep)
    try:
        stored = await _try_three_times(store, claim.turn_id, sleep)
    except _NotStored:
        failed = True
        stored = await store(store_reply.store_without_sound)
    if failed:
        await in_thread(session_end.end, claim.session_id, Reason.QA_ERROR, now=clock.now())
    return stored


class _NotStored(Exception):
    """Three tries failed."""


async def _try_three_times(store: Callable[..., Awaitable[Stored | None]], turn_id: str, sleep: Sleep) -> Stored | None:
    """Raises _NotStored, or the error of a database that stays away."""
    for pause in (*STORE_PAUSES, None):
        try:
            return await store(store_reply.store)
        except Exception as error:  # any kind: tried again and counted
            if is_away(error):
                raise
            log.exception("reply not stored", turnId=turn_id)
        if pause:
            await sleep(pause)
    raise _NotStored


async def _store_while_database_may_return(
    turn_id: str, reply: SpokenReply, holder: str, sleep: Sleep, store: Callable[..., Stored | None]
) -> Stored | None:
    """Waits while the database is away, for `FORGIVEN_AT_MOST`; then raises its error."""
    away_since: datetime | None = None
    while True:
        try:
            return await in_thread_now(store, turn_id, reply, holder=holder)
        except Exception as error:  # only a database that is away is waited for
            away_since = away_since or clock.now()
            if not is_away(error) or clock.now() - away_since >= FORGIVEN_AT_MOST:
                raise
            log.warning("reply waits for the database", turnId=turn_id, error=type(error).__name__)
        await sleep(AWAY_PAUSE_SECONDS)

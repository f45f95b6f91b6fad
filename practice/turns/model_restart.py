"""A turn outlasts a restart of the models on this machine: it waits until they are loaded, then begins again.

Meanwhile the session's clocks stand still.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta

import structlog
from django.db import DatabaseError

from coach import clock
from coach.providers.ports import ModelsRestarting
from coach.providers.reply_time_limits import RESTART_SECONDS
from coach.threads import in_thread
from practice.limits import outage_time
from practice.turns.events import Fact, ModelsAway, ReplyFailed

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5


async def through(
    facts: Callable[[], AsyncGenerator[Fact, None]], models_ready: Callable[[], bool] | None, *, session_id: str
) -> AsyncGenerator[Fact, None]:
    """The facts of a reply in this session, from the beginning again whenever the models went away meanwhile.

    `facts` begins the reply; `models_ready` says whether the models are loaded and may block. After
    `RESTART_SECONDS` in all, or without `models_ready` at once, the reply has failed. Cancelling stops reply and wait.
    """
    deadline: float | None = None
    while True:
        away: ModelsRestarting | None = None
        try:
            async with aclosing(facts()) as reply:
                async for fact in reply:
                    if isinstance(fact, ReplyFailed) and isinstance(fact.error, ModelsRestarting):
                        away = fact.error
                        break
                    yield fact
        except ModelsRestarting as error:
            away = error
        if away is None:
            return
        if models_ready is None:
            yield ReplyFailed(away)
            return
        if deadline is None:
            deadline = asyncio.get_running_loop().time() + RESTART_SECONDS
            log.warning("a reply waits for the local models", reason=str(away))
        async with _duration_clock_stopped(session_id):
            yield ModelsAway()
            loaded = await _loaded(models_ready, deadline)
        if not loaded:
            yield ReplyFailed(away)
            return


async def _loaded(models_ready: Callable[[], bool], deadline: float) -> bool:
    """Wait until they are, or until the deadline of the loop's clock."""
    now = asyncio.get_running_loop().time
    while now() < deadline:
        await asyncio.sleep(LOOK_SECONDS)
        if await in_thread(models_ready):
            return True
    return False


@asynccontextmanager
async def _duration_clock_stopped(session_id: str) -> AsyncIterator[None]:
    """For `RESTART_SECONDS` at most, and that long if this process dies meanwhile."""
    most, since = timedelta(seconds=RESTART_SECONDS), clock.now()
    stopped = await _moved(session_id, most)
    try:
        yield
    finally:
        if stopped:
            await _moved(session_id, min(max(timedelta(0), clock.now() - since), most) - most)


async def _moved(session_id: str, length: timedelta) -> bool:
    try:
        await in_thread(outage_time.move_end, session_id, length)
    except DatabaseError as error:  # The turn is worth more than these seconds.
        log.warning("duration clock not moved", sessionId=session_id, error=type(error).__name__)
        return False
    return True

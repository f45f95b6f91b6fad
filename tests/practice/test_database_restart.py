"""A database restart during a conversation costs a pause and nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import websockets

from tests import postgresql, stack
from tests.audio import sounds
from tests.talker import Closed, Talker

# Not marked for the run on PostgreSQL: this test starts its own PostgreSQL server.
pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

MP3 = sounds.mp3(1.5)
# Longer than the scenario's idle limit, and than the lease of a reply.
AWAY_SECONDS = 9.0
# Lets the idle limit of six seconds pass at once. The deadline counts from the end of playback, and is later by the
# outage if the sweep that makes up for it ran after the reply. A deadline over 30 s away would mean that the clock is
# still paused for a speaker. If the session has already ended as idle, there is nothing to do.
SIX_SECONDS_PASS = """
from datetime import timedelta
from coach import clock
from practice.models import PracticeSession
now = clock.now()
counted_down = PracticeSession.objects.filter(pk={pk!r}, idle_deadline__lte=now + timedelta(seconds=30))
silent = PracticeSession.objects.filter(pk={pk!r}, termination_reason="idle")
answer = counted_down.update(idle_deadline=now) or silent.count()
"""


@pytest.fixture(scope="module")
def database() -> Iterator[Any]:
    with postgresql.running() as server:
        yield server


@pytest.fixture(scope="module")
def up(database: Any) -> Iterator[stack.Stack]:
    with stack.running(webs=2, beat=True, database_url=database.url) as made:
        yield made


async def away(up: stack.Stack, database: Any, meanwhile: Callable[[], None]) -> None:
    """Stop the server as `systemctl restart` does; once a request was refused, start it after AWAY_SECONDS."""
    await asyncio.to_thread(database.stop, "fast")
    meanwhile()
    refused, _ = await asyncio.gather(asyncio.to_thread(up.get, "/api/skills"), asyncio.sleep(AWAY_SECONDS))
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    await asyncio.to_thread(database.start)


@contextlib.asynccontextmanager
async def back(up: stack.Stack, session_id: str) -> AsyncIterator[Talker]:
    """Reconnect, as pages do, until a socket has received its snapshot."""
    deadline = asyncio.get_running_loop().time() + 60
    while True:
        assert asyncio.get_running_loop().time() < deadline
        try:
            async with up.socket(session_id) as talker:
                await talker.hear("session", timeout=20)
                yield talker
                return
        except (Closed, websockets.WebSocketException, OSError):
            await asyncio.sleep(0.5)


async def test_a_database_outage_ends_no_silent_session_and_a_running_reply_is_heard_and_stored_once(
    up: stack.Stack, database: Any
) -> None:
    """Two people at once: one is silent, one hears a reply."""
    scenario = up.scenario(idle_limit_seconds=6)
    silent, hearing = up.started(scenario), up.started(scenario)
    async with up.socket(silent) as one, up.socket(hearing) as other:
        await one.reply(0)
        await other.reply(0)
        up.fake.answer("roleplay", text=["I know, ", "it is ", "late."], hold="the database is away", hold_at=3)
        up.fake.answer("roleplay", text="Asked a second time.")
        await other.say(1, MP3)
        await other.hear("ai_text")
        await away(up, database, lambda: up.fake.release("the database is away"))
    async with back(up, silent) as one, back(up, hearing) as other:
        assert (await one.say(1, MP3))["receipt"]["status"] == "accepted"
        assert (await other.reply(2))["transcript"] == "I know, it is late."
        assert (await other.type(3, "So what do we do?"))["receipt"]["status"] == "accepted"
        await other.reply(4)
        assert "termination" not in other.types()
        await one.reply(2)
        assert "termination" not in one.types()
        # The idle clock runs again: after six silent seconds the session ends.
        assert up.run(SIX_SECONDS_PASS.format(pk=silent)) == 1
        assert (await one.hear("termination", timeout=60))["termination"]["reason"] == "idle"
    assert [turn["sequence"] for turn in up.turns(hearing)] == [0, 1, 2, 3, 4]

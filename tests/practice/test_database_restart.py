"""The database is stopped and started again while somebody talks: it costs them a pause, and nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import websockets

from tests import postgresql, stack
from tests.audio import sounds
from tests.talker import Closed, Talker

# Not marked for the run on PostgreSQL: it has a PostgreSQL server of its own.
pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

MP3 = sounds.mp3(1.5)
# Longer than the scenario's idle limit, and than the lease of a reply.
AWAY_SECONDS = 9.0
# Counted from when the reply has been heard, and later by the time in which the database was away where the sweep that
# makes up for it comes after the reply. A clock that stood still for somebody who speaks would stand for a minute.
# Where this comes late, the six seconds have passed by themselves.
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


async def away(database: Any, meanwhile: Any = None) -> None:
    """The server is stopped as `systemctl restart` does it, and started after a while."""
    await asyncio.to_thread(database.stop, "fast")
    if meanwhile is not None:
        await meanwhile
    await asyncio.sleep(AWAY_SECONDS)
    await asyncio.to_thread(database.start)


@contextlib.asynccontextmanager
async def back(up: stack.Stack, session_id: str) -> AsyncIterator[Talker]:
    """As pages do it: connect until there is a snapshot."""
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


async def test_a_silence_in_which_the_database_was_away_ends_no_talk(up: stack.Stack, database: Any) -> None:
    session_id = up.started(up.scenario(idle_limit_seconds=6))
    async with up.socket(session_id) as talker:
        await talker.reply(0)
        await away(database)
    async with back(up, session_id) as talker:
        assert (await talker.say(1, MP3))["receipt"]["status"] == "accepted"
        await talker.reply(2)
        assert "termination" not in talker.types()
        # The idle clock goes on: a trainee who says nothing for its six seconds is silent.
        assert up.run(SIX_SECONDS_PASS.format(pk=session_id)) == 1
        assert (await talker.hear("termination", timeout=60))["termination"]["reason"] == "idle"


async def test_a_reply_under_way_when_the_database_goes_is_heard_and_kept_once(up: stack.Stack, database: Any) -> None:
    session_id = up.started(up.scenario(idle_limit_seconds=6))
    async with up.socket(session_id) as talker:
        await talker.reply(0)
        up.fake.answer("roleplay", text=["I know, ", "it is ", "late."], hold="the database is away", hold_at=3)
        up.fake.answer("roleplay", text="Asked a second time.")
        await talker.say(1, MP3)
        await talker.hear("ai_text")

        async def goes_on() -> None:
            up.fake.release("the database is away")

        await away(database, goes_on())
    async with back(up, session_id) as talker:
        assert (await talker.reply(2))["transcript"] == "I know, it is late."
        assert (await talker.type(3, "So what do we do?"))["receipt"]["status"] == "accepted"
        await talker.reply(4)
        assert "termination" not in talker.types()
    assert [turn["sequence"] for turn in up.turns(session_id)] == [0, 1, 2, 3, 4]

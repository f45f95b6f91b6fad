"""In a pause that may end the turn, the reply is prepared; nothing of it is stored, sent or heard."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from coach.threads import in_thread
from practice.turns import rehearsal
from tests import cast
from tests.audio import sounds
from tests.practice.running_web import RunningWeb, running
from tests.talker import Talker

FIRST_HALF, WHOLE = sounds.mp3(1.5), sounds.mp3(3.0)
LATE, RUDE = "The search page was four days late.", "You are useless."
OWNS_UP = "Okay, that one was on me."


@pytest.fixture
async def web(
    transactional_db: None, redis_server: Any, fake: Any, clock: Any, calls: list[Any], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RunningWeb]:
    monkeypatch.setattr(rehearsal, "SETTLED_SECONDS", 0.0)
    async with running(fake, clock, by_brief=True) as made:
        yield made


async def rehearsed(web: RunningWeb, count: int) -> list[str]:
    """The lines that the model was given to prepare, once there are so many."""
    async with asyncio.timeout(60):
        while True:
            asked = await asyncio.to_thread(web.fake.requests, "roleplay")
            lines = [one["body"]["say"] for one in asked if one["body"].get("warm") and "say" in one["body"]]
            if len(lines) >= count:
                return lines
            await asyncio.sleep(0.02)


def said(web: RunningWeb) -> list[str]:
    """The lines that the model was given to say aloud."""
    bodies = [one["body"] for one in web.fake.requests("roleplay")]
    return [body["say"] for body in bodies if "say" in body and not body.get("warm")]


async def paused(web: RunningWeb, talker: Talker) -> None:
    web.fake.answer("asr", text=LATE)
    await talker.upload(1, FIRST_HALF)
    await talker.send("turn_pause", sequence=1)
    assert await rehearsed(web, 1) == [OWNS_UP]


async def test_the_line_prepared_in_the_pause_is_spoken_once_the_turn_is_sent(web: RunningWeb) -> None:
    session_id = await web.started(await in_thread(cast.scenario_with_brief))
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        heard_before = len(talker.heard)
        await paused(web, talker)
        assert [turn.sequence for turn in await web.turns(session_id)] == [0]
        await talker.send("ping", clientTime=1)
        await talker.hear("pong")
        assert [message["type"] for message in talker.heard[heard_before:]] == ["pong"]
        web.fake.answer("asr", text=LATE)
        await talker.end_turn(1)
        await talker.reply(2)
    assert said(web) == [OWNS_UP]


async def test_a_trainee_who_continues_after_the_pause_is_answered_for_the_whole_turn(web: RunningWeb) -> None:
    session_id = await web.started(await in_thread(cast.scenario_with_brief))
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        await paused(web, talker)
        web.fake.answer("asr", text=RUDE)
        await talker.send("turn_cancel", sequence=1)
        await talker.say(1, WHOLE)
        await talker.reply(2)
    assert [turn.sequence for turn in await web.turns(session_id)] == [0, 1, 2]
    assert said(web) == ["If I am that useless, find somebody else."]

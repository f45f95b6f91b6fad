"""After processes die, accepted turns are answered once and sessions still end at their limits."""

import asyncio
import signal
from typing import Any

import pytest

from tests import stack
from tests.audio import sounds
from tests.talker import Talker

pytestmark = [
    pytest.mark.processes,
    pytest.mark.postgres,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("processes"),  # they share one stack
]

MP3 = sounds.mp3(1.5)
WHOLE = "I know, it is late again."
# A lease or claim expires 8 s after a death and a sweep finds it; the rest allows for a busy machine.
RECOVERY_SECONDS = 60


def broken_reply(up: stack.Stack) -> None:
    """The next reply stalls after its first words; the one after it is complete."""
    up.fake.answer("roleplay", text=["I know, ", "it is"], audio_ms=200, hold="never", hold_at=3)
    up.fake.answer("roleplay", text=WHOLE)


async def listening(talker: Talker) -> None:
    await talker.hear("ai_text")


def transcribed(up: stack.Stack, session_id: str) -> list[Any]:
    return [turn["asr_status"] for turn in up.turns(session_id) if turn["asr_status"]]


async def eventually(condition: Any, seconds: float = RECOVERY_SECONDS) -> None:
    await asyncio.to_thread(stack.until, condition, seconds, 0.25)


async def test_a_turn_taken_over_from_a_killed_process_is_answered_once(up: stack.Stack) -> None:
    session_id = up.started(up.scenario())
    async with up.socket(session_id, via="web2") as talker:
        await talker.reply(0)
        broken_reply(up)
        up.fake.answer("asr", hold="for ever")
        async with up.socket(session_id) as doomed:
            # The process that is about to die accepts the turn and speaks the reply.
            await doomed.say(1, MP3)
            await listening(talker)
            await asyncio.to_thread(up.fake.wait_for, 1, "asr")
            await asyncio.to_thread(up.kill, "web")
            await asyncio.to_thread(up.kill, "worker")
            assert await doomed.closed() == 1006
        up.restart("worker")
        again = await talker.hear("ai_turn_started", timeout=RECOVERY_SECONDS)
        assert again["sequence"] == 2
        assert (await talker.reply(2))["transcript"] == WHOLE
        await eventually(lambda: transcribed(up, session_id) == ["completed"])
        assert (await talker.type(3, "So?"))["receipt"]["status"] == "accepted"
        await talker.reply(4)
    assert [turn["sequence"] for turn in up.turns(session_id)] == [0, 1, 2, 3, 4]
    assert [message["turn"]["sequence"] for message in talker.heard if message["type"] == "ai_turn"].count(2) == 1


async def test_conversations_go_on_without_redis(up: stack.Stack) -> None:
    session_id = up.started(up.scenario())
    async with up.socket(session_id) as here, up.socket(session_id, via="web2") as there:
        await asyncio.gather(here.reply(0), there.reply(0))
        up.fake.answer("roleplay", text=["One ", "two ", "three."], hold="redis is gone", hold_at=3)
        await here.say(1, MP3)
        await listening(here)
        await asyncio.to_thread(up.kill_redis)
        up.fake.release("redis is gone")
        assert (await here.reply(2))["transcript"] == "One two three."
        assert (await there.reply(2))["transcript"] == "One two three."
        assert (await here.type(3, "And now?"))["receipt"]["status"] == "accepted"
        await asyncio.gather(here.reply(4), there.reply(4))
        await asyncio.to_thread(up.start_redis)
        await eventually(lambda: transcribed(up, session_id) == ["completed"])
        await there.send("stop", reason="manual")
        assert (await here.hear("termination"))["termination"]["reason"] == "manual"


async def test_a_process_told_to_stop_hands_its_conversations_over(up: stack.Stack) -> None:
    session_id = up.started(up.scenario())
    async with up.socket(session_id) as talker:
        await talker.reply(0)
        broken_reply(up)
        await talker.say(1, MP3)
        await listening(talker)
        up.signal("web", signal.SIGTERM)
        assert await talker.closed() == 4503
    async with up.socket(session_id, via="web2") as talker:
        assert (await talker.reply(2))["transcript"] == WHOLE
        assert (await talker.type(3, "Where were we?"))["receipt"]["status"] == "accepted"
        await talker.reply(4)
    assert await asyncio.to_thread(up.ended, "web") == 0
    assert [turn["sequence"] for turn in up.turns(session_id)] == [0, 1, 2, 3, 4]


async def test_after_all_processes_died_each_session_goes_on_or_has_ended_for_its_own_reason(up: stack.Stack) -> None:
    short, long = up.started(up.scenario(duration_limit_seconds=4)), up.started(up.scenario())
    async with up.socket(long) as talker:
        await talker.reply(0)
        broken_reply(up)
        up.fake.answer("asr", hold="for ever")
        await talker.say(1, MP3)
        await listening(talker)
        await asyncio.to_thread(up.fake.wait_for, 1, "asr")
        await asyncio.to_thread(up.kill_everything)
    await asyncio.to_thread(up.revive)
    async with up.socket(long) as talker:
        assert (await talker.reply(2))["transcript"] == WHOLE
        await eventually(lambda: transcribed(up, long) == ["completed"])
        assert (await talker.type(3, "Are you still there?"))["receipt"]["status"] == "accepted"
        await talker.reply(4)
    await eventually(lambda: up.session(short)["status"] == "ended")
    assert up.session(short)["termination_reason"] == "duration"
    assert up.session(long)["status"] == "active"
    assert [turn["sequence"] for turn in up.turns(long)] == [0, 1, 2, 3, 4]

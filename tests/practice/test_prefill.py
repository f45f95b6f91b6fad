"""What the web process lets a local model prefill before anybody waits for it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.urls import reverse

from coach.threads import in_thread
from practice.lifecycle import ReplyStatus
from practice.models import Turn
from practice.turns.prefill import EVERY_BYTES
from tests import cast
from tests.fakes import models
from tests.practice.running_web import Clock, RunningWeb, running
from tests.stack import until

SOUND = (
    b"\xff" * EVERY_BYTES
)  # Any bytes will do: uploads are passed on unchecked, and validated at the end of the turn.

Asked = dict[str, Any]


@pytest.fixture
async def home(
    transactional_db: None, redis_server: None, fake: models.Fake, clock: Clock, calls: list[Any]
) -> AsyncIterator[RunningWeb]:
    """A web process whose roleplay model is a local one."""
    async with running(fake, clock, local=True) as made:
        yield made


async def reads(web: RunningWeb, count: int, having: str = "receivedAt") -> list[Asked]:
    await web.asked(count, "roleplay", having=having)
    return [one for one in web.fake.requests("roleplay") if one["headers"].get("x-warm") == "1"]


async def opened(web: RunningWeb) -> str:
    """Start a session and wait until the AI's opening is stored, without any socket."""
    session_id = await web.started()
    opening = Turn.objects.filter(session_id=session_id, reply_status=ReplyStatus.COMPLETE)
    await in_thread(until, opening.exists, 30)
    return session_id


async def test_a_scenario_is_prefilled_when_its_page_is_opened(home: RunningWeb) -> None:
    scenario = await in_thread(cast.scenario, prompt="Say that it rains.")
    await home.http.get(reverse("practice:scenario", args=[scenario.pk]))
    (read,) = await reads(home, 1)
    (system,) = read["body"]["messages"]
    assert "Say that it rains." in system["content"]
    assert scenario.objective not in system["content"]


async def test_opening_a_socket_prefills_the_conversation_so_far(home: RunningWeb) -> None:
    session_id = await opened(home)
    async with home.socket(session_id):
        read = (await reads(home, 2))[-1]
    assert [message["role"] for message in read["body"]["messages"]] == ["system", "assistant"]
    assert "You speak first" not in read["body"]["messages"][0]["content"]


async def test_a_running_turn_is_prefilled_and_the_request_is_cancelled_at_its_end(home: RunningWeb) -> None:
    session_id = await opened(home)
    async with home.socket(session_id) as talker:
        await reads(home, 2, having="endedAt")
        home.fake.answer("roleplay", hold="for ever")
        await talker.upload(1, SOUND[:-1], piece=EVERY_BYTES)
        await talker.wire.send(b"\x01\0\0\0" + SOUND[-1:])
        read = (await reads(home, 3))[-1]
        assert [one["bytes"] for one in read["audio"]] == [EVERY_BYTES]
        assert read["body"]["messages"][1]["role"] == "assistant"
        await talker.end_turn(1)
        await home.asked(1, "roleplay", having="disconnectedAt")
        assert (await talker.answer())["code"] == "resend_turn"


async def test_one_prefill_runs_at_a_time_and_the_latest_audio_is_next(home: RunningWeb) -> None:
    session_id = await opened(home)
    async with home.socket(session_id) as talker:
        await reads(home, 2, having="endedAt")
        home.fake.answer("roleplay", hold="reading")
        await talker.upload(1, SOUND, piece=EVERY_BYTES)
        await reads(home, 3)
        for _ in range(3):
            await talker.wire.send(b"\x01\0\0\0" + SOUND)
        await talker.send("ping", clientTime="now")
        await talker.hear("pong")
        assert len(home.fake.requests("roleplay")) == 3
        home.fake.release("reading")
        read = (await reads(home, 4))[-1]
        assert [one["bytes"] for one in read["audio"]] == [4 * EVERY_BYTES]


async def test_a_cloud_model_is_never_prefilled(web: RunningWeb) -> None:
    scenario = await in_thread(cast.scenario)
    await web.http.get(reverse("practice:scenario", args=[scenario.pk]))
    session_id = await web.started(scenario)
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        await talker.upload(1, SOUND, piece=EVERY_BYTES)
        await talker.send("turn_cancel", sequence=1)
        await talker.send("ping", clientTime="now")
        await talker.hear("pong")
    assert len(web.fake.requests("roleplay")) == 1

"""The same with real processes: two web processes, a worker, sockets over TCP."""

import asyncio
from collections.abc import Iterator

import pytest

from tests import stack
from tests.audio import sounds
from tests.talker import turn_body

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

MP3 = sounds.mp3(1.5)


@pytest.fixture(scope="module")
def up() -> Iterator[stack.Stack]:
    with stack.running(webs=2) as made:
        yield made


@pytest.fixture(autouse=True)
def _fresh(up: stack.Stack) -> None:
    up.fake.reset()


async def test_a_conversation_over_tcp_with_transcription(up: stack.Stack) -> None:
    pcm = sounds.tone(1.0)
    up.fake.answer("roleplay", text=["Hello ", "Sam."], pcm=pcm, hold="opening")
    session_id = up.started(up.scenario())
    async with up.socket(session_id) as talker:
        assert (await talker.next())["type"] == "session"
        up.fake.release("opening")
        assert (await talker.hear("ai_turn"))["turn"]["transcript"] == "Hello Sam."
        assert talker.sound[0] == pcm
        assert (await talker.say(1, MP3))["receipt"]["status"] == "accepted"
        seen = {(await talker.next())["type"] for _ in range(4)}
        while not {"ai_turn", "turn_updated"} <= seen:
            seen.add((await talker.next())["type"])


async def test_a_post_here_is_heard_on_a_socket_there(up: stack.Stack) -> None:
    session_id = up.started(up.scenario())
    pcm = sounds.tone(1.0)
    async with up.socket(session_id, via="web2") as there, up.socket(session_id) as here:
        await asyncio.gather(there.reply(0), here.reply(0))
        up.fake.answer("roleplay", text=["Yes. ", "I am ", "late."], pcm=pcm, delay_ms=30)
        body = turn_body(1, MP3)
        response = await asyncio.to_thread(up.post, f"/api/sessions/{session_id}/turns", body)
        assert response.status_code == 202
        for talker in (there, here):
            assert (await talker.hear("ai_turn"))["turn"]["sequence"] == 2
            assert talker.sound[2] == pcm
            assert talker.text_of(2) == "Yes. I am late."

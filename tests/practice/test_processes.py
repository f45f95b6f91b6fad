"""Conversations with real processes: two web processes, a worker, sockets over TCP."""

import asyncio

import pytest

from tests import stack
from tests.audio import sounds
from tests.talker import turn_body

pytestmark = [
    pytest.mark.processes,
    pytest.mark.postgres,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("processes"),  # they share one stack
]

MP3 = sounds.mp3(1.5)


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


async def test_a_turn_posted_to_one_process_is_answered_on_a_socket_of_the_other(up: stack.Stack) -> None:
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


async def test_an_interrupt_at_one_process_stops_the_model_at_the_other(up: stack.Stack) -> None:
    words = ["One two ", "three four ", "five six."]
    up.fake.answer("roleplay", text=words, audio_ms=1800, piece_bytes=28_800, hold="the rest", hold_at=7)
    session_id = up.started(up.scenario())
    async with up.socket(session_id, via="web2") as there, up.socket(session_id) as here:
        while not there.text_of(0).endswith(words[2]):
            await there.hear("ai_text")
        await there.send("interrupt", sequence=0, playedMs=1200)
        for talker in (there, here):
            cut = (await talker.hear("ai_turn"))["turn"]
            assert (cut["interrupted"], cut["transcript"]) == (True, "One two three four")
        await asyncio.to_thread(up.fake.wait_for, 1, "roleplay", having="disconnectedAt")
        assert (await here.say(1, MP3))["receipt"]["status"] == "accepted"
        await asyncio.gather(here.reply(2), there.reply(2))
    said = up.fake.requests("roleplay")[1]["body"]["messages"]
    assert [message["content"] for message in said if message["role"] == "assistant"] == ["One two three four"]


async def test_the_same_turn_sent_twenty_times_at_once_is_accepted_and_answered_once(up: stack.Stack) -> None:
    session_id = up.started(up.scenario())
    async with up.socket(session_id) as talker:
        await talker.reply(0)
        body = turn_body(1, MP3)
        answers = await asyncio.gather(
            *(
                asyncio.to_thread(up.post, f"/api/sessions/{session_id}/turns", body, via=via)
                for via in ("web", "web2") * 10
            )
        )
        await talker.reply(2)
    receipts = [answer.json() for answer in answers]
    assert [answer.status_code for answer in answers] == [202] * 20
    assert sorted(receipt["status"] for receipt in receipts) == ["accepted"] + ["duplicate"] * 19
    assert len({(receipt["turnId"], receipt["aiTurnId"]) for receipt in receipts}) == 1
    assert [turn["sequence"] for turn in up.turns(session_id)] == [0, 1, 2]
    assert len(up.fake.requests("roleplay")) == 2


async def test_forty_simultaneous_starts_at_two_processes_fill_twenty_places(up: stack.Stack) -> None:
    scenario = up.scenario()
    answers = await asyncio.gather(*(asyncio.to_thread(up.start, scenario, via=via) for via in ("web", "web2") * 20))
    started = [answer.json() for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert [answer.text for answer in answers if answer.status_code not in (201, 429)] == []
    assert [each["status"] for each in started].count("active") <= 20
    assert sorted(each["queuePosition"] for each in started if each["status"] == "pending") == [1, 2, 3, 4, 5]
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    up.end_all()


async def test_a_flood_over_tcp_closes_only_its_own_socket(up: stack.Stack) -> None:
    session_id = up.started(up.scenario())
    async with up.socket(session_id) as calm, up.socket(session_id) as flood, up.socket(session_id) as huge:
        for _ in range(2_000):
            await flood.send("ping", clientTime=1)
        assert await flood.closed() == 4400
        await huge.wire.send("{" + " " * 300_000)
        assert await huge.closed() == 4413
        await calm.send("ping", clientTime="still here")
        await calm.hear("pong", clientTime="still here")

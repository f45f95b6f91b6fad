"""One conversation from start to answer, through the API and the socket."""

import base64
import threading

import pytest

from coach.threads import in_thread
from practice.lifecycle import ReplyStatus
from practice.models import Turn
from tests.audio import sounds
from tests.fakes.models import chunk, events
from tests.practice.running_web import RunningWeb, looks_wait
from tests.stack import until

MP3 = sounds.mp3(1.5)


async def test_a_spoken_turn_is_answered(web: RunningWeb) -> None:
    opening = sounds.tone(0.8)
    web.fake.answer("roleplay", text=["Hi Sam. ", "You wanted to talk?"], pcm=opening, hold="opening")
    web.fake.answer("roleplay", text=["I know. ", "It is a lot."], audio_ms=900)
    session_id = await web.started()

    async with web.socket(session_id) as talker:
        first = await talker.next()
        assert (first["type"], first["session"]["status"]) == ("session", "active")
        web.fake.release("opening")
        said = (await talker.hear("ai_turn"))["turn"]
        assert said["transcript"] == "Hi Sam. You wanted to talk?"
        assert (said["sequence"], said["speaker"], said["audioUrl"]) == (0, "ai", None)
        assert talker.sound[0] == opening
        assert talker.text_of(0) == said["transcript"]

        accepted = await talker.say(1, MP3)
        assert accepted["receipt"]["status"] == "accepted"
        answer = (await talker.hear("ai_turn"))["turn"]
        assert (answer["id"], answer["sequence"]) == (accepted["receipt"]["aiTurnId"], 2)
        assert answer["transcript"] == "I know. It is a lot."
        order = [kind for kind in talker.types() if kind != "ai_text"]
        assert order == [
            "session", "ai_turn_started", "ai_turn", "turn_accepted", "ai_turn_started", "ai_turn",
        ]  # fmt: skip

    turns = await web.turns(session_id)
    assert [turn.sequence for turn in turns] == [0, 1, 2]
    assert all(turn.audio is not None for turn in turns)
    heard = web.fake.requests("roleplay")[1]["audio"]
    assert len(heard) == 1
    assert heard[0]["bytes"] == len(MP3)


async def test_the_transcription_reaches_the_socket(web: RunningWeb) -> None:
    web.fake.answer("asr", text="We keep missing the date.")
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        turn_id = (await talker.say(1, MP3))["receipt"]["turnId"]
        await web.transcribe(turn_id)
        updated = (await talker.hear("turn_updated"))["turn"]
        assert (updated["id"], updated["asrStatus"]) == (turn_id, "completed")
        assert updated["transcript"] == "We keep missing the date."


async def test_doubtful_words_reach_the_socket_with_their_positions(web: RunningWeb) -> None:
    said = chunk({"content": " We kept missing it."})
    words = {" We": -0.1, " kept": -2.0, " missing": -0.2, " it.": -0.1}
    said["choices"][0]["logprobs"] = {"content": [{"token": each, "logprob": odds} for each, odds in words.items()]}
    web.fake.answer("asr", sends=[events(said, chunk({}, "stop"))])
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        await web.transcribe((await talker.say(1, MP3))["receipt"]["turnId"])
        updated = (await talker.hear("turn_updated"))["turn"]
        assert [updated["transcript"][start:end] for start, end in updated["doubtful"]] == ["kept"]


async def test_a_turn_by_post_is_answered_on_the_socket(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        now = web.clock.now().isoformat()
        body = {"sequence": 1, "startedAt": now, "endedAt": now, "audioBase64": base64.b64encode(MP3).decode()}
        response = await web.post(f"/api/sessions/{session_id}/turns", body)
        assert response.status_code == 202, response.content
        assert response.json()["status"] == "accepted"
        accepted = await talker.hear("turn_accepted")
        assert accepted["receipt"] == response.json()
        assert (await talker.reply(2))["speaker"] == "ai"


async def test_a_reply_that_ended_before_the_socket_read_it_is_still_played(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        said = threading.Event()
        looks_wait(monkeypatch, lambda: said.wait(20))
        web.fake.answer("roleplay", text=["Yes. ", "Late."], pcm=sounds.tone(0.7))
        await talker.upload(1, MP3)
        await talker.end_turn(1)
        whole = Turn.objects.filter(session_id=session_id, sequence=2, reply_status=ReplyStatus.COMPLETE)
        await in_thread(until, whole.exists)
        said.set()
        assert (await talker.hear("ai_turn"))["turn"]["sequence"] == 2
        assert (talker.sound[2], talker.text_of(2)) == (sounds.tone(0.7), "Yes. Late.")
        order = [kind for kind in talker.types() if kind != "ai_text"]
        assert order[-3:] == ["turn_accepted", "ai_turn_started", "ai_turn"]


async def test_stop_during_a_reply_keeps_what_was_said(web: RunningWeb) -> None:
    web.fake.answer("roleplay", text=["One. ", "Two. ", "Three. "], audio_ms=3000, delay_ms=20, hold="end", hold_at=6)
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.hear("ai_text")
        await talker.send("stop", reason="manual")
        ended = await talker.hear("termination")
        assert ended["termination"]["reason"] == "manual"
        assert ended["message"].startswith("You ended the conversation with Alex after ")
    await web.asked(1, "roleplay", having="disconnectedAt")
    turn = await in_thread(Turn.objects.get, session_id=session_id, sequence=0)
    assert turn.reply_status in ("complete", "failed")

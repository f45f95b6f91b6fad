"""Failing speech recognition: what is retried, what is kept, and which invented words are dropped."""

import pytest

from coach.threads import in_thread
from practice.lifecycle import AsrStatus
from practice.turns import transcription
from tests.audio import sounds
from tests.fakes.models import chunk, events
from tests.practice.running_web import RunningWeb
from tests.practice.test_outages import MP3, spoken_to


async def test_a_turn_may_be_transcribed_at_the_third_try(web: RunningWeb) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("asr", fault="503", times=2)
    web.fake.answer("asr", text="We keep missing the date.")
    async with web.socket(session_id) as talker:
        turn_id = (await talker.say(1, MP3))["receipt"]["turnId"]
        for pause in (0, 2, 5):
            web.clock.advance(pause)
            assert await web.transcribe(turn_id)
        updated = (await talker.hear("turn_updated"))["turn"]
        assert (updated["asrStatus"], updated["transcript"]) == ("completed", "We keep missing the date.")


@pytest.mark.postgres
async def test_a_turn_that_cannot_be_transcribed_stays_and_can_be_retried(web: RunningWeb) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("asr", fault="500", times=3)
    async with web.socket(session_id) as talker:
        turn_id = (await talker.say(1, MP3))["receipt"]["turnId"]
        await talker.reply(2)
        for pause in (0, 2, 5):
            web.clock.advance(pause)
            await web.transcribe(turn_id)
        assert (await talker.hear("turn_updated"))["turn"]["asrStatus"] == "failed"
        assert not await web.transcribe(turn_id), "a fourth try by itself"
        path = f"/api/sessions/{session_id}/turns/{turn_id}/transcription"
        asked = await web.post(path)
        assert (asked.status_code, asked.json()["asrStatus"]) == (202, "pending")
        assert (await web.post(path)).status_code == 409
        await web.transcribe(turn_id)
        assert (await talker.hear("turn_updated"))["turn"]["asrStatus"] == "completed"
        assert (await web.session(session_id)).status == "active"


async def test_a_transcription_waits_as_long_as_the_recogniser_asks(web: RunningWeb) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("asr", fault="429", retry_after=15)
    async with web.socket(session_id) as talker:
        turn_id = (await talker.say(1, MP3))["receipt"]["turnId"]
        assert await web.transcribe(turn_id)
    web.clock.advance(10)
    assert await in_thread(transcription.owed, now=web.clock.now()) == []
    web.clock.advance(6)
    assert await in_thread(transcription.owed, now=web.clock.now()) == [turn_id]


async def test_the_tries_of_a_transcription_outlast_a_restart_of_the_local_models(web: RunningWeb) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("asr", fault="models_loading", retry_after=2, times=2)
    async with web.socket(session_id) as talker:
        turn_id = (await talker.say(1, MP3))["receipt"]["turnId"]
        assert await web.transcribe(turn_id, local=True)
        for _ in range(2):
            web.clock.advance(9)
            assert not await web.transcribe(turn_id, local=True), "before they can be back"
            web.clock.advance(2)
            assert await web.transcribe(turn_id, local=True)
        assert (await talker.hear("turn_updated"))["turn"]["asrStatus"] == "completed"


@pytest.mark.parametrize("fault", ["401", "404", "quota"])
async def test_a_fault_for_the_operator_is_not_retried(web: RunningWeb, fault: str) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("asr", fault=fault, times=None)
    async with web.socket(session_id) as talker:
        turn_id = (await talker.say(1, MP3))["receipt"]["turnId"]
        await web.transcribe(turn_id)
    assert len(web.fake.requests("asr")) == 1
    assert (await web.turns(session_id))[1].asr_status == AsrStatus.FAILED


@pytest.mark.parametrize(
    "sends",
    [
        [events(chunk(choices=[None]))],
        [events(chunk(5), chunk({}, "stop"))],
        ["<html></html>"],
        [events("what")],
        [events(chunk({"content": "Thank you. " * 40}), chunk({}, "stop"))],
    ],
    ids=["choices [null]", "delta 5", "a page", "no JSON", "one phrase again and again"],
)
async def test_an_answer_that_cannot_be_read_fails_a_transcription_after_three_tries(
    web: RunningWeb, sends: list[str]
) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("asr", sends=sends, times=None)
    async with web.socket(session_id) as talker:
        await talker.say(1, MP3)
        await talker.reply(2)
    turn = (await web.turns(session_id))[1]
    for _ in range(5):
        await web.transcribe(turn.pk)
        web.clock.advance(10)
    assert len(web.fake.requests("asr")) == 3
    assert (await web.turns(session_id))[1].asr_status == AsrStatus.FAILED


@pytest.mark.parametrize("text", ["language None<asr_text>", "<|nospeech|>", "", "(silence)"])
async def test_a_silent_turn_has_an_empty_transcript(web: RunningWeb, text: str) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("asr", sends=[events(chunk({"content": text}), chunk({}, "stop"))])
    async with web.socket(session_id) as talker:
        await talker.say(1, MP3)
        await talker.reply(2)
    await web.transcribe((await web.turns(session_id))[1].pk)
    turn = (await web.turns(session_id))[1]
    assert (turn.asr_status, turn.transcript) == (AsrStatus.COMPLETED, "")


@pytest.mark.parametrize(
    ("heard", "kept"), [("Thanks for watching!", ""), ("谢谢观看。", ""), ("I was late.", "I was late.")]
)
async def test_only_invented_words_are_dropped_from_a_recording_without_speech(
    web: RunningWeb, heard: str, kept: str
) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("asr", text=heard, times=None)
    async with web.socket(session_id) as talker:
        await talker.say(1, sounds.silent_mp3(1.5))
        await talker.reply(2)
    await web.transcribe((await web.turns(session_id))[1].pk)
    turn = (await web.turns(session_id))[1]
    assert (turn.asr_status, turn.transcript) == (AsrStatus.COMPLETED, kept)
    assert turn.delivery["speakingMs"] == 0

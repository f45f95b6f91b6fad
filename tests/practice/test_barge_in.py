"""When the trainee interrupts the AI, what was not heard counts as not said, for the model too."""

from typing import Any

import pytest

from tests.audio import sounds
from tests.practice.running_web import RunningWeb
from tests.talker import Talker

pytestmark = pytest.mark.postgres

MP3 = sounds.mp3(1.5)
PIECES = ["One two ", "three four ", "five six ", "seven eight."]
WORDS = "One two three four five six seven eight."
# Each piece of words is followed by 600 ms of sound. The first piece of the stream carries neither.
PIECE_BYTES = 28_800


def speaking(web: RunningWeb, *, pieces: int) -> None:
    """The next reply sends this many pieces of words, each with 600 ms of sound, and then waits to be released."""
    web.fake.answer(
        "roleplay", text=PIECES, audio_ms=2400, piece_bytes=PIECE_BYTES, hold="the rest", hold_at=1 + 2 * pieces
    )


async def heard(talker: Talker, sequence: int, words: str) -> None:
    while not talker.text_of(sequence).endswith(words):
        await talker.hear("ai_text")


def told(request: dict[str, Any]) -> list[str]:
    """The AI's lines in a request to the model."""
    return [message["content"] for message in request["body"]["messages"] if message["role"] == "assistant"]


async def test_an_interrupt_stops_the_model_and_truncates_the_turn_to_what_was_heard(web: RunningWeb) -> None:
    speaking(web, pieces=3)
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await heard(talker, 0, PIECES[2])
        await talker.send("interrupt", sequence=0, playedMs=1200)
        cut = (await talker.hear("ai_turn"))["turn"]
        assert cut["interrupted"] is True
        assert cut["transcript"] == "One two three four"
        await web.asked(1, "roleplay", having="disconnectedAt")

        assert (await talker.say(1, MP3))["receipt"]["status"] == "accepted"
        assert (await talker.reply(2))["transcript"]
    assert told(web.fake.requests("roleplay")[1]) == ["One two three four"]
    first = (await web.turns(session_id))[0]
    assert first.audio
    assert first.audio.duration_ms == 1200
    assert web.fake.requests("roleplay")[0]["endedAt"] is None


async def test_an_interrupt_after_the_reply_was_stored_truncates_it(web: RunningWeb) -> None:
    web.fake.answer("roleplay", text=PIECES, audio_ms=2400, piece_bytes=PIECE_BYTES)
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        assert (await talker.reply(0))["transcript"] == WORDS
        await talker.send("interrupt", sequence=0, playedMs=600)
        updated = (await talker.hear("turn_updated"))["turn"]
        assert (updated["interrupted"], updated["transcript"]) == (True, "One two")
        await talker.say(1, MP3)
        await talker.reply(2)
    assert told(web.fake.requests("roleplay")[1]) == ["One two"]


async def test_an_interrupt_before_the_first_word_leaves_an_empty_turn(web: RunningWeb) -> None:
    web.fake.answer("roleplay", hold="the first byte")
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.hear("ai_turn_started")
        await talker.send("interrupt", sequence=0, playedMs=0)
        cut = (await talker.hear("ai_turn"))["turn"]
        assert (cut["interrupted"], cut["transcript"], cut["audioFileId"]) == (True, "", None)
        await talker.say(1, MP3)
        assert (await talker.reply(2))["transcript"]
    assert told(web.fake.requests("roleplay")[1]) == []


async def test_only_the_turn_being_spoken_can_be_interrupted(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        whole = await talker.reply(0)
        await talker.say(1, MP3)
        await talker.reply(2)
        for sequence in (0, 1, 7):
            await talker.send("interrupt", sequence=sequence, playedMs=0)
        await talker.send("interrupt", sequence=2, playedMs=100_000)
        await talker.send("ping", clientTime=1)
        await talker.hear("pong")
    turns = await web.turns(session_id)
    assert turns[0].transcript == whole["transcript"]
    assert not any(turn.interrupted for turn in turns)


async def test_a_second_interrupt_does_not_truncate_again(web: RunningWeb) -> None:
    speaking(web, pieces=3)
    session_id = await web.started()
    async with web.socket(session_id) as talker, web.socket(session_id) as other_tab:
        await heard(talker, 0, PIECES[2])
        await talker.send("interrupt", sequence=0, playedMs=1200)
        await talker.hear("ai_turn")
        await other_tab.send("interrupt", sequence=0, playedMs=0)
        await other_tab.send("ping", clientTime=1)
        await other_tab.hear("pong")
    assert (await web.turns(session_id))[0].transcript == "One two three four"

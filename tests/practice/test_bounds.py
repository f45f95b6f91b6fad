"""What one socket may do: bounded in number, size and haste, each bound with a code of its own."""

import asyncio
import json
import struct
from datetime import timedelta
from typing import Any

import pytest

from coach.audio import mp3
from practice import presence, protocol
from tests.audio import sounds
from tests.practice.conftest import House
from tests.talker import Closed

MP3 = sounds.mp3(1.5)


async def test_a_flood_of_pings_is_cut_off(house: House) -> None:
    session_id = await house.started()
    async with house.socket(session_id) as talker:
        for _ in range(400):
            await talker.send("ping", clientTime=1)
        assert await talker.closed() == 4400
        assert talker.types().count("pong") <= 300


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[1, 2]",
        '{"type": "sing"}',
        '{"type": "interrupt", "sequence": -1, "playedMs": 0}',
        '{"type": "ping", "clientTime": ' + "[" * 60_000,
        '{"type": "interrupt", "sequence": ' + "9" * 100_000 + "}",
        json.dumps({"type": "turn_start", "sequence": 1, "startedAt": "x" * 200_000}),
        b"\0\1",
        struct.pack("<I", 7) + b"\xff" * 60_000,
    ],
    ids=lambda frame: repr(frame[:20]),
)
async def test_what_is_not_understood_is_answered_by_an_error_and_a_flood_of_it_ends_the_socket(
    house: House, frame: Any
) -> None:
    session_id = await house.started()
    async with house.socket(session_id) as talker:
        for _ in range(31):
            await talker.wire.send(frame)
        assert await talker.closed() == 4400
        assert talker.types().count("error") >= 30
    assert (await house.session(session_id)).status == "active"


async def test_sound_without_end_is_cut_off(house: House) -> None:
    session_id = await house.started()
    async with house.socket(session_id) as talker:
        await talker.send("turn_start", sequence=1, startedAt=house.clock.now().isoformat())
        for _ in range(2_001):
            await talker.wire.send(struct.pack("<I", 1) + b"a")
        assert await talker.closed() == 4400


@pytest.mark.parametrize("frame", ["a" * (protocol.MAX_FRAME_BYTES + 1), b"a" * (protocol.MAX_FRAME_BYTES + 1)])
async def test_a_frame_that_is_too_large_closes_the_socket_and_not_the_session(house: House, frame: Any) -> None:
    session_id = await house.started()
    async with house.socket(session_id) as talker:
        await talker.wire.send(frame)
        assert await talker.closed() == 4413
    async with house.socket(session_id) as talker:
        assert (await talker.next())["session"]["status"] == "active"


async def test_a_session_has_room_for_so_many_sockets(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "SOCKETS_AT_MOST", 2)
    session_id = await house.started()
    async with house.socket(session_id) as one, house.socket(session_id) as two:
        assert {(await one.next())["type"], (await two.next())["type"]} == {"session"}
        async with house.socket(session_id) as three:
            assert await three.closed() == 4400
    async with house.socket(session_id) as again:
        assert (await again.next())["type"] == "session"


async def test_frames_after_the_end_change_nothing(house: House) -> None:
    session_id = await house.started()
    async with house.socket(session_id) as talker:
        await talker.reply(0)
        await talker.send("stop", reason="manual")
        ended = await talker.hear("termination")
        assert (await talker.say(1, MP3))["receipt"] == {
            "sessionId": session_id, "turnId": None, "aiTurnId": None, "status": "closed",
        }  # fmt: skip
        for type_, fields in (
            ("interrupt", {"sequence": 0, "playedMs": 1}),
            ("playback_ended", {"sequence": 0}),
            ("turn_cancel", {"sequence": 1}),
            ("stop", {"reason": "media_error"}),
        ):
            await talker.send(type_, **fields)
        await talker.send("ping", clientTime=2)
        await talker.hear("pong", clientTime=2)
        assert talker.types().count("termination") == 1
    session = await house.session(session_id)
    assert session.termination_reason == ended["termination"]["reason"] == "manual"
    assert [turn.sequence for turn in await house.turns(session_id)] == [0]


@pytest.mark.postgres
async def test_two_tabs_hear_the_same_and_one_turn_is_taken(house: House) -> None:
    session_id = await house.started()
    async with house.socket(session_id) as left, house.socket(session_id) as right:
        await asyncio.gather(left.reply(0), right.reply(0))
        await asyncio.gather(left.upload(1, MP3), right.upload(1, MP3))
        await asyncio.gather(left.end_turn(1), right.end_turn(1))
        for talker in (left, right):
            assert (await talker.reply(2))["speaker"] == "ai"
        accepted = [
            message["receipt"]["turnId"]
            for talker in (left, right)
            for message in talker.heard
            if message["type"] == "turn_accepted"
        ]
        assert len(set(accepted)) == 1
        assert left.sound[2] == right.sound[2]
    assert [turn.sequence for turn in await house.turns(session_id)] == [0, 1, 2]
    assert len(house.fake.requests("roleplay")) == 2


async def test_turns_out_of_order_are_refused_and_cost_nothing(house: House) -> None:
    session_id = await house.started()
    async with house.socket(session_id) as talker:
        await talker.reply(0)
        for sequence in (3, 2, 0, 5):
            refused = await talker.say(sequence, MP3)
            assert (refused["type"], refused["code"]) == ("turn_rejected", "out_of_order"), refused
        assert (await talker.say(1, MP3))["receipt"]["status"] == "accepted"


async def test_a_clock_that_is_hours_off_can_be_corrected(house: House) -> None:
    session_id = await house.started()
    async with house.socket(session_id) as talker:
        await talker.reply(0)
        wrong = house.clock.now().replace(year=2020)
        await talker.upload(1, MP3, started=wrong)
        await talker.end_turn(1, endedAt=wrong.isoformat(), clientSentAt=wrong.isoformat())
        refused = await talker.answer()
        assert refused["code"] == "clock_drift"
        assert refused["driftSeconds"] < -3600
        # Its beginning was wrong too: with a new one the upload begins afresh.
        await talker.send("turn_start", sequence=1, startedAt=refused["serverTime"])
        await talker.wire.send(struct.pack("<I", 1) + MP3)
        await talker.end_turn(1)
        assert (await talker.answer())["receipt"]["status"] == "accepted"


async def test_a_turn_refused_for_its_clock_is_not_uploaded_again(house: House) -> None:
    session_id = await house.started()
    async with house.socket(session_id) as talker:
        await talker.reply(0)
        await talker.upload(1, MP3)
        late = (house.clock.now() + timedelta(seconds=5)).isoformat()
        await talker.end_turn(1, endedAt=late, clientSentAt=late)
        assert (await talker.answer())["code"] == "clock_drift"
        await talker.end_turn(1)
        assert (await talker.answer())["receipt"]["status"] == "accepted"
    assert (await house.asked(2, "roleplay"))[1]["audio"][0]["bytes"] == len(MP3)


async def test_an_upload_beyond_the_limit_is_refused_as_too_large(house: House) -> None:
    session_id = await house.started()
    async with house.socket(session_id) as talker:
        await talker.reply(0)
        await talker.upload(1, bytes(mp3.MAX_BYTES + 50_000), piece=50_000)
        await talker.end_turn(1)
        assert (await talker.answer())["code"] == "too_large"
        assert (await talker.say(1, MP3))["receipt"]["status"] == "accepted"


async def test_a_socket_to_nowhere_is_told_so(house: House) -> None:
    async with house.socket("no-such-session") as talker:
        with pytest.raises(Closed) as closed:
            await talker.next()
        assert closed.value.code == 4404

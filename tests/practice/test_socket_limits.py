"""Limits on a socket's messages in number, size and rate, each with its own error code."""

import asyncio
import json
import re
import struct
from datetime import timedelta
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from coach.asgi import application
from coach.audio import recording_limits
from practice.limits import presence
from practice.session_socket import protocol
from practice.turns import idle_clock
from tests.audio import sounds
from tests.practice.running_web import CommunicatorWire, RunningWeb
from tests.talker import Closed, Talker, iso

MP3 = sounds.mp3(1.5)


async def test_a_flood_of_pings_is_cut_off(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
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
async def test_malformed_messages_are_answered_with_errors_and_a_flood_of_them_closes_the_socket(
    web: RunningWeb, frame: Any
) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        for _ in range(31):
            await talker.wire.send(frame)
        assert await talker.closed() == 4400
        assert talker.types().count("error") >= 30
    assert (await web.session(session_id)).status == "active"


async def test_endless_audio_is_cut_off(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.send("turn_start", sequence=1, startedAt=web.clock.now().isoformat())
        for _ in range(2_001):
            await talker.wire.send(struct.pack("<I", 1) + b"a")
        assert await talker.closed() == 4400


@pytest.mark.parametrize("frame", ["a" * (protocol.MAX_FRAME_BYTES + 1), b"a" * (protocol.MAX_FRAME_BYTES + 1)])
async def test_a_frame_that_is_too_large_closes_the_socket_and_not_the_session(web: RunningWeb, frame: Any) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.wire.send(frame)
        assert await talker.closed() == 4413
    async with web.socket(session_id) as talker:
        assert (await talker.next())["session"]["status"] == "active"


async def test_a_session_allows_a_limited_number_of_sockets(web: RunningWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "SOCKETS_AT_MOST", 2)
    session_id = await web.started()
    async with web.socket(session_id) as one, web.socket(session_id) as two:
        assert {(await one.next())["type"], (await two.next())["type"]} == {"session"}
        async with web.socket(session_id) as three:
            assert await three.closed() == 4400
    async with web.socket(session_id) as again:
        assert (await again.next())["type"] == "session"


async def test_frames_after_the_end_change_nothing(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
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
    session = await web.session(session_id)
    assert session.termination_reason == ended["termination"]["reason"] == "manual"
    assert [turn.sequence for turn in await web.turns(session_id)] == [0]


@pytest.mark.postgres
async def test_two_tabs_hear_the_same_and_one_of_their_turns_is_accepted(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as left, web.socket(session_id) as right:
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
    assert [turn.sequence for turn in await web.turns(session_id)] == [0, 1, 2]
    assert len(web.fake.requests("roleplay")) == 2


async def test_turns_out_of_order_are_refused_without_side_effects(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        for sequence in (3, 2, 0, 5):
            refused = await talker.say(sequence, MP3)
            assert (refused["type"], refused["code"]) == ("turn_rejected", "out_of_order"), refused
        assert (await talker.say(1, MP3))["receipt"]["status"] == "accepted"


async def test_a_clock_that_is_hours_off_can_be_corrected(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        wrong = web.clock.now().replace(year=2020)
        await talker.upload(1, MP3, started=wrong)
        await talker.end_turn(1, endedAt=wrong.isoformat(), clientSentAt=wrong.isoformat())
        refused = await talker.answer()
        assert refused["code"] == "clock_drift"
        assert refused["driftSeconds"] < -3600
        # The turn's start was wrong too; a new one begins a new upload.
        await talker.send("turn_start", sequence=1, startedAt=refused["serverTime"])
        await talker.wire.send(struct.pack("<I", 1) + MP3)
        await talker.end_turn(1)
        assert (await talker.answer())["receipt"]["status"] == "accepted"


async def test_a_turn_refused_for_its_clock_is_not_uploaded_again(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        await talker.upload(1, MP3)
        late = (web.clock.now() + timedelta(seconds=5)).isoformat()
        await talker.end_turn(1, endedAt=late, clientSentAt=late)
        assert (await talker.answer())["code"] == "clock_drift"
        await talker.end_turn(1)
        assert (await talker.answer())["receipt"]["status"] == "accepted"
    assert (await web.asked(2, "roleplay"))[1]["audio"][0]["bytes"] == len(MP3)


async def test_a_turn_delayed_by_the_server_is_not_blamed_on_the_clients_clock(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await web.started()
    begin = idle_clock.begin

    def waited(*arguments: Any, **options: Any) -> None:
        web.clock.advance(5)
        begin(*arguments, **options)

    monkeypatch.setattr(idle_clock, "begin", waited)
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        for ahead, status in ((5, "clock_drift"), (-5, "clock_drift"), (0, "accepted")):
            sent = web.clock.now() + timedelta(seconds=ahead)
            await talker.upload(1, MP3, started=sent - timedelta(seconds=1.5))
            await talker.end_turn(1, endedAt=sent.isoformat(), clientSentAt=sent.isoformat())
            answer = await talker.answer()
            assert (answer.get("code") or answer["receipt"]["status"]) == status


async def test_an_upload_beyond_the_limit_is_refused_as_too_large(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        await talker.upload(1, bytes(recording_limits.MAX_BYTES + 50_000), piece=50_000)
        await talker.end_turn(1)
        assert (await talker.answer())["code"] == "too_large"
        assert (await talker.say(1, MP3))["receipt"]["status"] == "accepted"


async def test_a_turn_end_without_a_recording_asks_to_resend_the_turn(web: RunningWeb) -> None:
    """As after a reconnect: the upload was lost with the earlier socket."""
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        for _ in range(2):
            await talker.end_turn(1)
            answer = await talker.answer()
            assert (answer["type"], answer["sequence"], answer["code"]) == ("turn_rejected", 1, "resend_turn")
            await talker.send("turn_start", sequence=1, startedAt=iso(talker.now()))
        assert (await talker.say(1, MP3))["receipt"]["status"] == "accepted"
        await talker.end_turn(1)
        assert (await talker.answer())["receipt"]["status"] == "duplicate"


async def test_a_socket_to_an_unknown_session_is_closed_with_4404(web: RunningWeb) -> None:
    async with web.socket("no-such-session") as talker:
        with pytest.raises(Closed) as closed:
            await talker.next()
        assert closed.value.code == 4404


@pytest.mark.parametrize(
    "path", ["/ws/nothing", "/", "/ws/sessions/", "/ws/sessions/a/b", "/ws/sessions/%00", "/ws/sessions/\0"]
)
async def test_a_socket_to_an_unknown_path_is_closed_with_4404(web: RunningWeb, path: str) -> None:
    communicator = WebsocketCommunicator(application, path)
    assert (await communicator.connect(timeout=60))[0]
    assert await communicator.receive_output(timeout=60) == {"type": "websocket.close", "code": 4404}
    await communicator.disconnect()


@pytest.mark.parametrize("number", ["1e400", "-1e400", "Infinity", "NaN", "1" + "0" * 400 + ".5"])
async def test_a_number_beyond_json_is_refused_and_never_sent_back(web: RunningWeb, number: str) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.wire.send(f'{{"type": "ping", "clientTime": {number}}}')
        assert (await talker.hear("error"))["code"] == "bad_json"


async def test_a_byte_order_mark_is_accepted_by_socket_and_api(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        await talker.wire.send('\ufeff{"type": "ping", "clientTime": 1}')
        assert (await talker.hear("pong"))["clientTime"] == 1
    at = iso(web.clock.now())
    turn = {"sequence": 1, "startedAt": at, "endedAt": at, "clientSentAt": at, "text": "Hello."}
    for path, body, status in (
        (f"/api/sessions/{session_id}/turns", turn, 202),
        (f"/api/sessions/{session_id}/manual-stop", {"reason": "manual"}, 202),
        ("/api/sessions", {"scenarioId": "x", "clientSessionStartedAt": at}, 422),
    ):
        content = b"\xef\xbb\xbf" + json.dumps(body).encode()
        response = await web.http.generic("POST", path, content, content_type="application/json")
        assert response.status_code == status, response.content


async def test_the_socket_speaks_the_readers_language(web: RunningWeb) -> None:
    session_id = await web.started()
    for headers in (
        [(b"cookie", b"django_language=zh-hans")],
        [(b"accept-language", b"zh-CN,zh;q=0.9,en;q=0.5")],
    ):
        communicator = WebsocketCommunicator(application, f"/ws/sessions/{session_id}", headers=headers)
        await communicator.connect(timeout=60)
        talker = Talker(CommunicatorWire(communicator), web.clock.now)
        await talker.hear("session")
        await talker.wire.send("no json")
        assert "JSON" in (said := (await talker.hear("error"))["detail"])
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said)
        refused = await talker.type(1, " \u200b\u3164 ")
        assert refused["code"] == "resend_turn"
        assert any("\u4e00" <= letter <= "\u9fff" for letter in refused["detail"])
        await communicator.disconnect(timeout=60)


async def test_api_and_socket_write_times_in_the_same_form(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
    async with web.socket(session_id) as talker:
        told = await talker.hear("session")
    read = (await web.http.get(f"/api/sessions/{session_id}?historyStepCount=1")).json()
    for name in ("startedAt", "clientSessionStartedAt"):
        assert told["session"][name] == read["session"][name]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["session"][name])
    for name in ("createdAt", "startedAt", "endedAt"):
        assert told["turns"][0][name] == read["turns"][0][name]
    assert re.fullmatch(r".{19}\.\d{3}Z", told["serverTime"])
    late = iso(web.clock.now() - timedelta(hours=1))
    refused = await web.post("/api/sessions", {"scenarioId": "x", "clientSessionStartedAt": late})
    assert re.fullmatch(r".{19}\.\d{3}Z", refused.json()["serverTime"])

"""A new socket gets its snapshot first; messages that arrive meanwhile are handled afterwards, in order."""

import threading
from typing import Any

import pytest

from coach.config import Config
from coach.threads import in_thread
from practice.lifecycle import ReplyStatus
from practice.models import Turn
from practice.turns import accept
from practice.turns.submission import Receipt
from tests import cast
from tests.audio import sounds
from tests.practice.running_web import RunningWeb, looks_wait
from tests.stack import until
from tests.talker import turn_body

MP3 = sounds.mp3(1.5)


async def test_a_turn_sent_before_the_first_snapshot_gets_its_receipt_after_it(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
    taken = threading.Event()
    take = accept.accept

    def noted(*turn: Any, **given: Any) -> Receipt:
        receipt = take(*turn, **given)
        taken.set()
        return receipt

    monkeypatch.setattr(accept, "accept", noted)
    looks_wait(
        monkeypatch, lambda: taken.wait(0.5)
    )  # time in which a turn that did not wait would already be in the snapshot
    async with web.socket(session_id) as talker:
        await talker.send("ping", clientTime="before the turn")
        await talker.upload(1, MP3, piece=1_000)
        await talker.end_turn(1)
        snapshot = await talker.next()
        assert (snapshot["type"], [turn["sequence"] for turn in snapshot["turns"]]) == ("session", [0])
        assert (await talker.next())["type"] == "pong"
        receipt = (await talker.hear("turn_accepted"))["receipt"]
        assert (await talker.reply(2))["id"] == receipt["aiTurnId"]
    heard = (await web.asked(2, "roleplay"))[-1]["audio"]
    assert [said["bytes"] for said in heard] == [len(MP3)]


async def test_a_turn_accepted_before_the_first_snapshot_gets_its_receipt_too(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Config, "max_active", property(lambda _: 1))
    scenario = await in_thread(cast.scenario)
    before = await web.started(scenario)
    session_id = await web.started(scenario)
    async with web.socket(session_id) as talker:
        await talker.hear("queued")
        accepted = threading.Event()
        looks_wait(monkeypatch, lambda: accepted.wait(20))
        await web.post(f"/api/sessions/{before}/manual-stop", {"reason": "manual"})
        opening = Turn.objects.filter(session_id=session_id, sequence=0, reply_status=ReplyStatus.COMPLETE)
        await in_thread(until, opening.exists)
        turn = turn_body(1, MP3, at=web.clock.now())
        turn["startedAt"] = turn["endedAt"]
        receipt = (await web.post(f"/api/sessions/{session_id}/turns", turn)).json()
        assert receipt["status"] == "accepted", receipt
        accepted.set()
        assert (await talker.hear("session"))["session"]["status"] == "active"
        assert (await talker.hear("turn_accepted"))["receipt"] == receipt

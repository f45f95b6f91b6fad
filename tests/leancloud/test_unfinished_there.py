"""What was under way in LeanCloud when it was read arrives in a state that something can follow."""

from datetime import timedelta
from typing import Any

import pytest

from practice.lifecycle import AsrStatus, Reason, SessionStatus
from practice.models import PracticeSession, Turn
from practice.turns import transcription
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import LATER, CommandRun

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]

UNENDED: dict[str, Any] = {"status": "active", "endedAt": None, "terminationReason": None}


def test_a_turn_that_was_being_transcribed_can_be_transcribed_again(app: LeanCloudFake) -> None:
    app.objects["Turn"]["t1"] |= {"asrStatus": "pending", "transcript": None}
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)
    assert Turn.objects.get(pk="t1").asr_status == AsrStatus.FAILED
    assert transcription.request_again("t1", now=LATER)
    assert transcription.owed(now=LATER) == ["t1"]


def test_a_turn_that_was_being_transcribed_but_has_words_is_transcribed(app: LeanCloudFake) -> None:
    app.objects["Turn"]["t1"] |= {"asrStatus": "pending"}
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)
    turn = Turn.objects.get(pk="t1")
    assert (turn.asr_status, turn.transcript) == (AsrStatus.COMPLETED, "Line 1.")


def test_a_session_that_nobody_ended_ends_at_its_own_limit_and_is_named(app: LeanCloudFake) -> None:
    app.objects["PracticeSession"]["s1"] |= UNENDED | {"durationLimitSeconds": 240}
    for _ in range(2):
        pulled = CommandRun("pull")
        assert pulled.status == 1
        assert "PracticeSession s1: taken over, but for status: active although its limit has passed" in pulled.err
    session = PracticeSession.objects.get()
    assert (session.status, session.termination_reason) == (SessionStatus.ENDED, Reason.DURATION)
    assert session.started_at is not None
    assert session.ended_at == session.started_at + timedelta(seconds=240)
    assert CommandRun("verify").status == 0


def test_a_session_that_waited_for_a_place_got_none_and_is_named(app: LeanCloudFake) -> None:
    app.objects["PracticeSession"]["s1"] |= UNENDED | {"status": "pending", "startedAt": None}
    pulled = CommandRun("pull")
    assert pulled.status == 1
    assert "PracticeSession s1: taken over, but for status: pending although its limit has passed" in pulled.err
    session = PracticeSession.objects.get()
    assert (session.status, session.termination_reason) == (SessionStatus.ENDED, Reason.CAPACITY)
    assert session.ended_at == session.created_at
    assert CommandRun("verify").status == 0


def test_a_session_that_has_not_reached_its_limit_is_still_active(app: LeanCloudFake) -> None:
    app.objects["PracticeSession"]["s1"] |= UNENDED | {"startedAt": "2099-01-05T09:00:00.000Z"}
    assert CommandRun("pull").status == 0
    session = PracticeSession.objects.get()
    assert session.status == SessionStatus.ACTIVE
    assert session.started_at is not None
    assert session.duration_deadline == session.started_at + timedelta(seconds=session.duration_limit_seconds)

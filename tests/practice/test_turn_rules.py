"""Which turns the API accepts and refuses."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from coach import clock as coach_clock
from coach.edge import input_limits
from coach.storage.models import AudioFile
from practice import session_end, sessions
from practice.lifecycle import AsrStatus, Reason, ReplyStatus
from practice.models import PracticeSession, Turn
from practice.session_socket import protocol
from tests import cast
from tests.audio import sounds
from tests.practice.running_web import Clock

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

MP3 = sounds.mp3(1.5)


class StoppedClock(Clock):
    """A clock that stands still, so that the duration of a request does not matter."""

    def __init__(self) -> None:
        super().__init__()
        self._stopped_at = datetime.now(UTC)

    def now(self) -> datetime:
        return self._stopped_at + self._ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = StoppedClock()
    monkeypatch.setattr(coach_clock, "now", made.now)
    return made


@pytest.fixture
def now(clock: Clock) -> datetime:
    return clock.now()


@pytest.fixture
def session(now: datetime) -> PracticeSession:
    """An active session whose opening was spoken."""
    started = sessions.start(sessions.Start(cast.scenario().pk, now), user_id="pilot-user", now=now)
    Turn.objects.update(reply_status=ReplyStatus.COMPLETE, transcript="Hi Sam.", started_at=now, ended_at=now)
    return started


def sent(client: Client, session: PracticeSession, *, sound: bytes | None = MP3, **changes: Any) -> tuple[int, Any]:
    """POST a valid turn with these changes; None removes a field."""
    moment = coach_clock.now()
    body: dict[str, Any] = {
        "sequence": 1,
        "startedAt": (moment - timedelta(seconds=1.5)).isoformat(),
        "endedAt": moment.isoformat(),
    }
    if sound is not None:
        body["audioBase64"] = base64.b64encode(sound).decode()
    body = {name: value for name, value in (body | changes).items() if value is not None}
    answer = client.post(f"/api/sessions/{session.pk}/turns", body, content_type="application/json")
    return answer.status_code, answer.json()


def test_an_accepted_turn_is_stored_with_its_recording_and_a_due_reply(
    client: Client, session: PracticeSession
) -> None:
    status, receipt = sent(client, session, context="nervous")
    assert (status, receipt["status"]) == (202, "accepted")
    turn, answer = Turn.objects.get(sequence=1), Turn.objects.get(sequence=2)
    assert (receipt["turnId"], receipt["aiTurnId"]) == (turn.pk, answer.pk)
    assert turn.audio is not None
    assert bytes(turn.audio.content or b"") == MP3
    assert (turn.asr_status, turn.context, answer.reply_status) == (AsrStatus.PENDING, "nervous", ReplyStatus.DUE)


def test_a_typed_turn_needs_no_transcription(client: Client, session: PracticeSession) -> None:
    status, _ = sent(client, session, sound=None, text="We need to talk.")
    turn = Turn.objects.get(sequence=1)
    assert (status, turn.transcript, turn.asr_status, turn.audio) == (202, "We need to talk.", None, None)


@pytest.mark.parametrize(
    "encoded",
    [
        f"data:audio/mpeg;base64,{base64.b64encode(MP3).decode()}",
        base64.encodebytes(MP3).decode(),
        base64.urlsafe_b64encode(MP3).decode().rstrip("="),
    ],
    ids=["data URL", "in lines", "URL-safe, not padded"],
)
def test_base64_is_read_in_every_form_that_clients_write(
    client: Client, session: PracticeSession, encoded: str
) -> None:
    assert sent(client, session, audioBase64=encoded)[1]["status"] == "accepted"
    assert bytes(AudioFile.objects.get().content or b"") == MP3


def test_a_recording_that_is_not_base64_is_called_unreadable(client: Client, session: PracticeSession) -> None:
    assert "MP3" in sent(client, session, audioBase64="not base64!")[1]["detail"]


@pytest.mark.parametrize(
    ("sound", "changes", "status", "code"),
    [
        (b"", {}, 422, "resend_turn"),
        (None, {}, 422, "resend_turn"),
        (b"RIFF" + bytes(4000), {}, 422, "resend_turn"),
        (None, {"audioBase64": "not base64!"}, 422, "resend_turn"),
        (sounds.mp3(0.1), {}, 422, "resend_turn"),
        (None, {"text": "   "}, 422, "resend_turn"),
        (sounds.mp3(1.5, channels=2, kbps=32), {}, 422, "wrong_format"),
        (sounds.mp3(1.5, rate=22_050), {}, 422, "wrong_format"),
        (sounds.mp3(1.5, kbps=8), {}, 422, "wrong_format"),
        (sounds.mp3(1.5, kbps=32), {}, 413, "too_large"),
        (bytes(131_073), {}, 413, "too_large"),
        (MP3, {"context": "x" * 2001}, 422, "too_long"),
        (None, {"text": "x" * 2001}, 422, "too_long"),
        (MP3, {"sequence": 3}, 422, "out_of_order"),
        (MP3, {"sequence": 2}, 422, "out_of_order"),
        (MP3, {"sequence": 0}, 422, "out_of_order"),
    ],
)
def test_a_refused_turn_leaves_the_session_as_it_was_and_can_be_sent_again(
    client: Client, session: PracticeSession, sound: bytes | None, changes: dict[str, Any], status: int, code: str
) -> None:
    answered, problem = sent(client, session, sound=sound, **changes)
    assert (answered, problem["code"]) == (status, code)
    assert problem["detail"]
    assert Turn.objects.count() == 1
    assert not AudioFile.objects.exists()
    assert sent(client, session)[1]["status"] == "accepted"


@pytest.mark.parametrize("missing", ["startedAt", "endedAt", "sequence"])
def test_a_missing_field_is_named(client: Client, session: PracticeSession, missing: str) -> None:
    status, problem = sent(client, session, **{missing: None})
    assert status == 422
    assert [error["field"] for error in problem["errors"]] == [missing]


def test_audio_and_text_together_are_refused(client: Client, session: PracticeSession) -> None:
    assert sent(client, session, text="And text.")[0] == 422
    assert Turn.objects.count() == 1


@pytest.mark.parametrize("seconds", [-3600, -15, 3, 7200])
def test_clock_drift_is_refused_with_the_servers_time_and_the_drift(
    client: Client, session: PracticeSession, seconds: float
) -> None:
    moment = coach_clock.now() + timedelta(seconds=seconds)
    times = {"startedAt": (moment - timedelta(seconds=1)).isoformat(), "endedAt": moment.isoformat()}
    status, problem = sent(client, session, **times)
    assert (status, problem["code"]) == (422, "clock_drift")
    assert abs(problem["driftSeconds"] - seconds) < 2
    assert problem["serverTime"]


def test_a_late_upload_is_measured_by_when_it_was_sent(client: Client, session: PracticeSession, clock: Clock) -> None:
    clock.advance(60)
    ended = coach_clock.now() - timedelta(seconds=30)
    times = {"startedAt": (ended - timedelta(seconds=1.5)).isoformat(), "endedAt": ended.isoformat()}
    assert sent(client, session, **times)[1]["code"] == "clock_drift"
    assert sent(client, session, **times, clientSentAt=coach_clock.now().isoformat())[0] == 202


def test_a_large_body_may_take_longer_but_may_not_come_from_the_future(
    client: Client, session: PracticeSession, clock: Clock
) -> None:
    clock.advance(60)
    sound = sounds.mp3(12)  # 48 KiB as it is sent: three seconds more
    for seconds, status in ((4, 422), (-20, 422), (-3.5, 202)):
        ended = coach_clock.now() + timedelta(seconds=seconds)
        times = {"startedAt": (ended - timedelta(seconds=12)).isoformat(), "endedAt": ended.isoformat()}
        assert sent(client, session, sound=sound, **times)[0] == status, seconds


@pytest.fixture
def late_server(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request waits five seconds in this process before it is handled."""
    parsed = input_limits.parsed

    def waited(body: bytes) -> Any:
        clock.advance(5)
        return parsed(body)

    monkeypatch.setattr(input_limits, "parsed", waited)


def test_a_server_that_is_late_does_not_blame_the_clients_clock(
    client: Client, session: PracticeSession, late_server: None
) -> None:
    assert sent(client, session)[0] == 202


@pytest.mark.parametrize("seconds", [-3, 3])
def test_clock_drift_is_measured_against_the_arrival_of_the_turn(
    client: Client, session: PracticeSession, late_server: None, seconds: float
) -> None:
    moment = coach_clock.now() + timedelta(seconds=seconds)
    times = {"startedAt": moment.isoformat(), "endedAt": moment.isoformat()}
    status, problem = sent(client, session, **times)
    assert (status, problem["code"]) == (422, "clock_drift")
    assert abs(problem["driftSeconds"] - seconds) < 0.5


def begun(client: Client, address: str, at: datetime, **fields: Any) -> tuple[int, Any]:
    answer = client.post(address, {"clientSessionStartedAt": at.isoformat(), **fields}, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_session_may_start_late_but_not_with_clock_drift(
    client: Client, session: PracticeSession, late_server: None
) -> None:
    for address, fields in (
        ("/api/sessions", {"scenarioId": session.scenario_id}),
        (f"/api/sessions/{session.pk}/practice-again", {}),
    ):
        assert begun(client, address, coach_clock.now(), **fields)[0] == 201
        for seconds in (-3, 3):
            status, problem = begun(client, address, coach_clock.now() + timedelta(seconds=seconds), **fields)
            assert (status, problem["code"]) == (422, "clock_drift")
            assert abs(problem["driftSeconds"] - seconds) < 0.5


def test_null_counts_as_missing_and_flags_must_be_booleans(client: Client, session: PracticeSession) -> None:
    now = coach_clock.now()
    for field, value in [("difficulty", None), ("coaching", None), ("language", None), ("continuesFrom", None)]:
        status, made = begun(client, "/api/sessions", now, scenarioId=session.scenario_id, **{field: value})
        assert (status, made["difficulty"], made["coaching"]) == (201, "realistic", False)
    for field, value in [("coaching", "yes"), ("coaching", 1), ("continuesAt", True), ("continuesAt", "1")]:
        status, problem = begun(client, "/api/sessions", now, scenarioId=session.scenario_id, **{field: value})
        assert (status, [one["field"] for one in problem["errors"]]) == (422, [field])


@pytest.mark.parametrize(
    "form",
    [
        "2026-03-01t09:30:00z",
        " 2026-03-01T09:30:00Z ",
        "20260301T093000Z",
        "2026-03-01T17:30:00+08",
        "2026-03-01T09:30:00.000000000Z",
        "2026-03-01T06:00:00-0330",
    ],
)
def test_a_time_is_read_in_every_standard_form(form: str) -> None:
    assert protocol.parse_time(form) == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def test_contradictory_times_count_as_clock_drift(client: Client, session: PracticeSession, clock: Clock) -> None:
    clock.advance(60)
    moment = coach_clock.now()
    later = (moment + timedelta(seconds=30)).isoformat()
    assert sent(client, session, endedAt=later, clientSentAt=moment.isoformat())[1]["code"] == "clock_drift"
    assert sent(client, session, startedAt=later)[1]["code"] == "clock_drift"


def test_a_turn_may_not_have_begun_before_its_session(client: Client, session: PracticeSession) -> None:
    early = (coach_clock.now() - timedelta(seconds=5)).isoformat()
    assert sent(client, session, startedAt=early)[1]["code"] == "clock_drift"


def test_a_wrong_length_is_corrected_by_the_recording(client: Client, session: PracticeSession, clock: Clock) -> None:
    clock.advance(60)
    begun = coach_clock.now() - timedelta(seconds=20)
    sent(client, session, startedAt=begun.isoformat())
    turn = Turn.objects.get(sequence=1)
    assert turn.started_at is not None
    assert turn.ended_at is not None
    assert abs((turn.ended_at - turn.started_at).total_seconds() - 1.5) < 0.2


def test_a_repeated_turn_is_a_duplicate_whatever_else_it_says(client: Client, session: PracticeSession) -> None:
    _, first = sent(client, session)
    for changes in ({}, {"sound": b"rubbish"}, {"startedAt": None}):
        status, again = sent(client, session, **changes)
        assert (status, again["status"]) == (202, "duplicate")
        assert (again["turnId"], again["aiTurnId"]) == (first["turnId"], first["aiTurnId"])
    assert Turn.objects.count() == 3
    assert AudioFile.objects.count() == 1


def test_a_turn_for_an_ended_session_is_refused_as_closed(client: Client, session: PracticeSession) -> None:
    session_end.end(session.pk, Reason.MANUAL, now=coach_clock.now())
    status, receipt = sent(client, session, sound=b"rubbish")
    assert (status, receipt["status"], receipt["turnId"]) == (202, "closed", None)
    assert not AudioFile.objects.exists()


def test_a_turn_after_the_limit_ends_the_session_and_is_refused(
    client: Client, session: PracticeSession, clock: Clock
) -> None:
    clock.advance(601)
    assert sent(client, session)[1]["status"] == "closed"
    session.refresh_from_db()
    assert session.termination_reason == Reason.DURATION


def test_a_turn_during_a_reply_is_out_of_order(client: Client, session: PracticeSession) -> None:
    sent(client, session)
    assert sent(client, session, sequence=3)[1]["code"] == "out_of_order"


def test_a_session_erased_during_its_stop_is_404(
    client: Client, session: PracticeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def erased_first(session_id: str, *_: Any, **__: Any) -> None:
        PracticeSession.objects.filter(pk=session_id).delete()

    monkeypatch.setattr(session_end, "end", erased_first)
    address = f"/api/sessions/{session.pk}/manual-stop"
    answer = client.post(address, {"reason": "manual"}, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_another_trainees_session_accepts_no_turn(client: Client, session: PracticeSession) -> None:
    PracticeSession.objects.update(user_id="sam")
    assert sent(client, session)[0] == 404
    assert Turn.objects.count() == 1

"""Rules of sessions and turns, each refused and fulfilled with the same set-up; time is an argument."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coach.config import Config, config
from coach.providers.model_health import Loading
from practice import capacity, presence, sessions
from practice.clock_drift import ClockDrift
from practice.lifecycle import Reason, ReplyStatus, SessionStatus
from practice.models import PracticeSession, Turn
from practice.turns import accept, barge_in, idle_clock, prompts, replies
from practice.turns.events import AudioSpoken, Spoken, TextSpoken
from practice.turns.submission import Receipt, Submission, TurnRefused
from tests import cast
from tests.audio import sounds

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ALEX = "alex"
MP3 = sounds.mp3(1.5)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def started(now: datetime = NOW, **scenario: Any) -> PracticeSession:
    return sessions.start(sessions.Start(cast.scenario(**scenario).pk, now), user_id=ALEX, now=now)


def answered(session: PracticeSession, sequence: int = 0, *, now: datetime = NOW, seconds: float = 2.0) -> Turn:
    """The AI has said its turn: `seconds` of sound."""
    turn = Turn.objects.get(session=session, sequence=sequence)
    assert replies.claim(turn.pk, holder="here", now=now)
    spoken = Spoken()
    for fact in (TextSpoken("I know. It is "), TextSpoken("late again."), AudioSpoken(sounds.tone(seconds))):
        spoken.add(fact)
    assert replies.store(turn.pk, spoken, holder="here", first_audio_at=now, whole=True, failed=False, now=now)
    return Turn.objects.get(pk=turn.pk)


def spoken_turn(now: datetime, sequence: int = 1, **changes: Any) -> Submission:
    given = Submission(sequence, now - timedelta(seconds=1.5), now, now, sound=MP3)
    return replace(given, **changes)


def take(session: PracticeSession, turn: Submission, now: datetime) -> Receipt:
    return accept.accept(session.pk, turn, user_id=ALEX, now=now)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sound": None}, "resend_turn"),
        ({"sound": b"not an mp3 at all"}, "resend_turn"),
        ({"sound": None, "text": "   "}, "resend_turn"),
        ({"sound": sounds.mp3(1.5, channels=2, kbps=24)}, "wrong_format"),
        ({"sound": b"\0" * (128 * 1024 + 1)}, "too_large"),
        ({"sound": None, "text": "a" * 2001}, "too_long"),
        ({"context": "a" * 2001}, "too_long"),
        ({"client_sent_at": at(13)}, "clock_drift"),
        ({"started_at": at(10.5)}, "clock_drift"),
        ({"sequence": 3}, "out_of_order"),
    ],
)
def test_a_refused_turn_stores_nothing_and_can_be_sent_again(changes: dict[str, Any], code: str) -> None:
    session = started()
    answered(session)
    with pytest.raises(TurnRefused) as refused:
        take(session, spoken_turn(at(10), **changes), at(10))
    assert refused.value.code == code
    assert Turn.objects.filter(session=session).count() == 1
    assert take(session, spoken_turn(at(11)), at(11)).status == "accepted"


def test_a_turn_while_the_ai_still_replies_is_out_of_order() -> None:
    session = started()
    with pytest.raises(TurnRefused, match="out_of_order"):
        take(session, spoken_turn(at(1)), at(1))


def test_a_turn_sent_twice_is_a_duplicate_whatever_else_it_says() -> None:
    session = started()
    answered(session)
    first = take(session, spoken_turn(at(5)), at(5))
    again = take(session, Submission(1, sound=b"rubbish"), at(500))
    assert (again.status, again.turn_id, again.ai_turn_id) == ("duplicate", first.turn_id, first.ai_turn_id)


def test_a_turn_after_the_end_is_closed() -> None:
    session = started()
    sessions.stop(session, Reason.MANUAL, now=at(1))
    assert take(session, Submission(1), at(2)) == Receipt(session.pk, "closed")


def test_the_idle_limit_runs_from_the_end_of_the_playback() -> None:
    session = started(idle_limit_seconds=8)
    answered(session, seconds=2.0)
    assert sessions.expire(now=at(9.9)) == []
    assert sessions.expire(now=at(10.1)) == [session.pk]
    session.refresh_from_db()
    assert (session.termination_reason, session.termination_latency_ms) == (Reason.IDLE, 100)


def test_a_playback_that_ends_early_starts_the_idle_clock_and_a_late_report_does_not_hold_it() -> None:
    session = started(idle_limit_seconds=8)
    answered(session, seconds=2.0)
    idle_clock.playback_ended(session.pk, 0, now=at(1))
    idle_clock.playback_ended(session.pk, 0, now=at(7))
    assert sessions.expire(now=at(9.1)) == [session.pk]


def test_who_says_turn_start_and_goes_silent_holds_the_clock_for_a_minute_at_most() -> None:
    session = started(idle_limit_seconds=8)
    answered(session, seconds=2.0)
    for second in (5, 20, 40, 60):
        idle_clock.begin(session.pk, now=at(second))
    assert sessions.expire(now=at(69)) == []
    assert sessions.expire(now=at(71)) == [session.pk]


def test_the_earliest_of_two_limits_counts() -> None:
    session = started(idle_limit_seconds=8, duration_limit_seconds=9)
    answered(session, seconds=2.0)
    sessions.expire(now=at(60))
    session.refresh_from_db()
    assert session.termination_reason == Reason.DURATION


def test_the_first_end_wins() -> None:
    session = started()
    assert sessions.end(session.pk, Reason.OBJECTIVE_MET, now=at(5))
    assert sessions.end(session.pk, Reason.QA_ERROR, now=at(6)) is None
    assert sessions.stop(session, Reason.MANUAL, now=at(7)).termination_reason == Reason.OBJECTIVE_MET


def test_who_finds_no_place_waits_in_order_and_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Config, "max_active", property(lambda _: 1))
    first, second, third = started(), started(at(1)), started(at(2))
    assert [first.status, second.status, third.status] == ["active", "pending", "pending"]
    assert capacity.waiting() == [second.pk, third.pk]
    sessions.stop(first, Reason.MANUAL, now=at(5))
    assert sessions.promote(now=at(5)) == [second.pk]
    sessions.expire(now=at(2 + config.pending_wait_seconds))
    third.refresh_from_db()
    assert (third.status, third.termination_reason) == (SessionStatus.ENDED, Reason.CAPACITY)


def test_beyond_the_queue_a_start_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Config, "max_active", property(lambda _: 1))
    for _ in range(1 + config.max_pending):
        started()
    with pytest.raises(capacity.CapacityExceeded):
        started()


def test_a_session_without_its_last_socket_ends_after_the_grace_period() -> None:
    session = started()
    presence.process_started("here", now=NOW)
    socket = presence.opened(session.pk, "here", now=NOW)
    presence.closed(socket, session.pk, now=at(3))
    grace = config.socket_grace_seconds
    assert sessions.expire(now=at(3 + grace - 1)) == []
    assert sessions.expire(now=at(3 + grace)) == [session.pk]


def test_time_without_any_server_does_not_count_against_an_absent_client() -> None:
    session = started()
    presence.process_started("before", now=NOW)
    socket = presence.opened(session.pk, "before", now=NOW)
    presence.closed(socket, session.pk, now=NOW)
    presence.process_started("after", now=at(100))
    assert sessions.expire(now=at(101)) == []


def test_what_was_not_heard_was_not_said() -> None:
    session = started()
    whole = answered(session, seconds=4.0)
    barge_in.interrupt(session.pk, 0, heard_ms=2000, now=at(2))
    cut = Turn.objects.get(pk=whole.pk)
    assert cut.interrupted
    assert cut.audio
    assert cut.audio.duration_ms == 2000
    assert (cut.transcript or "") != whole.transcript
    assert (whole.transcript or "").startswith(cut.transcript or "?")
    take(session, spoken_turn(at(5)), at(5))
    said = prompts.reply_request(session, 2).lines
    assert said[0].text == cut.transcript


def test_a_reply_whose_process_died_is_taken_over_once() -> None:
    session = started()
    turn = Turn.objects.get(session=session)
    assert replies.claim(turn.pk, holder="dead", now=NOW)
    assert replies.claim(turn.pk, holder="here", now=at(1)) is None
    assert replies.claim(turn.pk, holder="dead", now=at(1)) is None
    late = at(1) + replies.LEASE
    assert replies.owed(now=late) == [turn.pk]
    assert replies.claim(turn.pk, holder="here", now=late)
    spoken = Spoken(text="too late")
    assert not replies.store(turn.pk, spoken, holder="dead", first_audio_at=None, whole=True, failed=False, now=at(20))
    assert Turn.objects.get(pk=turn.pk).reply_status == ReplyStatus.SPEAKING


def test_a_reply_that_was_interrupted_is_not_said_again_when_its_process_dies() -> None:
    session = started()
    turn = Turn.objects.get(session=session)
    assert replies.claim(turn.pk, holder="dead", now=NOW)
    barge_in.interrupt(session.pk, 0, heard_ms=400, now=at(1))
    late = at(1) + replies.LEASE
    assert replies.claim(turn.pk, holder="here", now=late) is None
    assert barge_in.unheld(now=late) == [turn.pk]
    assert barge_in.finish_unheld(turn.pk, now=late)
    turn.refresh_from_db()
    assert (turn.reply_status, turn.interrupted, turn.transcript) == (ReplyStatus.COMPLETE, True, "")


def test_an_interrupt_while_the_recording_is_made_still_cuts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    session = started()
    encode = replies.encode.to_mp3

    def interrupted(pcm: bytes) -> bytes:
        barge_in.interrupt(session.pk, 0, heard_ms=500, now=at(1))
        return encode(pcm)

    monkeypatch.setattr(replies.encode, "to_mp3", interrupted)
    cut = answered(session, seconds=2.0)
    assert cut.interrupted
    assert cut.audio
    assert cut.audio.duration_ms == 500


def test_of_two_interrupts_while_it_is_said_the_first_counts() -> None:
    session = started()
    turn = Turn.objects.get(session=session)
    assert replies.claim(turn.pk, holder="here", now=NOW)
    for heard_ms in (400, 100):
        barge_in.interrupt(session.pk, 0, heard_ms=heard_ms, now=at(1))
    turn.refresh_from_db()
    assert turn.heard_ms == 400


def test_no_more_can_have_been_heard_than_was_said() -> None:
    session = started()
    turn = Turn.objects.get(session=session)
    assert replies.claim(turn.pk, holder="here", now=NOW)
    barge_in.interrupt(session.pk, 0, heard_ms=60_000, now=at(1))
    spoken = Spoken()
    for fact in (TextSpoken("I know."), AudioSpoken(sounds.tone(1.0))):
        spoken.add(fact)
    assert replies.store(turn.pk, spoken, holder="here", first_audio_at=NOW, whole=False, failed=False, now=at(1))
    kept = Turn.objects.get(pk=turn.pk)
    assert kept.audio
    assert (kept.audio.duration_ms, kept.transcript, kept.interrupted) == (1000, "I know.", True)


def test_the_model_never_learns_the_objective() -> None:
    session = started()
    told = prompts.reply_request(session, 0).instructions
    assert "You are Alex, Software developer." in told
    assert cast.OBJECTIVE not in told
    assert cast.END_CRITERION not in told


def test_a_continued_session_knows_what_was_said_before() -> None:
    session = started()
    before = answered(session)
    sessions.end(session.pk, Reason.QA_ERROR, now=at(5))
    wish = sessions.Start(session.scenario_id, at(9), continues_from=session.pk)
    again = sessions.start(wish, user_id=ALEX, now=at(9))
    assert [line.text for line in prompts.reply_request(again, 0).lines] == [before.transcript]


def test_a_clock_that_is_off_by_more_than_two_seconds_is_refused_with_the_drift() -> None:
    with pytest.raises(ClockDrift) as refused:
        sessions.start(sessions.Start(cast.scenario().pk, at(3)), user_id=ALEX, now=NOW)
    assert refused.value.drift_seconds == 3.0


def test_a_start_waits_for_local_models(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("practice.api.loading", lambda: Loading("voice: half of it", 0.5))
    body = {"scenarioId": cast.scenario().pk, "clientSessionStartedAt": datetime.now(UTC).isoformat()}
    response = client.post("/api/sessions", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (503, "models_loading")
    assert int(response["Retry-After"]) > 0

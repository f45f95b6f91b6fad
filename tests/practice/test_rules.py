"""Rules of sessions and turns, each kept and broken with the same setup."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coach.audio import encode
from coach.config import config
from coach.providers.model_health import Loading
from practice import session_end, sessions
from practice.lifecycle import Reason, ReplyStatus
from practice.limits import presence, session_deadlines
from practice.limits.clock_drift import ClockDrift
from practice.models import PracticeSession, Turn
from practice.persona.model import role_by_model
from practice.turns import accept, barge_in, idle_clock, replies, roleplay_prompt
from practice.turns.events import AudioSpoken, ReplyFinished, Spoken, TextSpoken
from practice.turns.spoken_reply import SpokenReply
from practice.turns.store_reply import store
from practice.turns.submission import Receipt, Submission
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
    """Store the AI's turn with `seconds` of sound."""
    turn = Turn.objects.get(session=session, sequence=sequence)
    assert replies.claim(turn.pk, holder="here", now=now)
    spoken = Spoken()
    for fact in (TextSpoken("I know. It is "), TextSpoken("late again."), AudioSpoken(sounds.tone(seconds))):
        spoken.add(fact)
    assert store(turn.pk, SpokenReply(spoken, now, ReplyFinished()), holder="here", now=now)
    return Turn.objects.get(pk=turn.pk)


def spoken_turn(now: datetime, sequence: int = 1, **changes: Any) -> Submission:
    given = Submission(sequence, now - timedelta(seconds=1.5), now, now, sound=MP3)
    return replace(given, **changes)


def take(session: PracticeSession, turn: Submission, now: datetime) -> Receipt:
    return accept.accept(session.pk, turn, user_id=ALEX, now=now)


@pytest.mark.parametrize("pace", [1, 0.85], ids=["usual", "slower"])
def test_the_idle_limit_runs_from_the_end_of_the_playback_however_slow(pace: float) -> None:
    session = started(idle_limit_seconds=8)
    answered(session, seconds=3.4)
    idle_clock.playback_ended(session.pk, 0, now=at(3.4 / pace))
    assert session_deadlines.expire(now=at(3.4 / pace + 7.9)) == []
    assert session_deadlines.expire(now=at(3.4 / pace + 8.1)) == [session.pk]
    session.refresh_from_db()
    assert (session.termination_reason, session.termination_latency_ms) == (Reason.IDLE, 100)


def test_without_a_report_the_idle_limit_runs_from_the_end_of_slower_speech() -> None:
    session = started(idle_limit_seconds=8)
    answered(session, seconds=3.4)
    assert session_deadlines.expire(now=at(4 + 7.9)) == []
    assert session_deadlines.expire(now=at(4 + 8.1)) == [session.pk]


def test_a_session_without_its_last_socket_ends_after_the_grace_period() -> None:
    session = started()
    presence.process_started("here", now=NOW)
    socket = presence.opened(session.pk, "here", now=NOW)
    presence.closed(socket, session.pk, now=at(3))
    grace = config.socket_grace_seconds
    assert session_deadlines.expire(now=at(3 + grace - 1)) == []
    assert session_deadlines.expire(now=at(3 + grace)) == [session.pk]


def test_time_without_any_web_process_does_not_count_as_absence() -> None:
    session = started()
    presence.process_started("before", now=NOW)
    socket = presence.opened(session.pk, "before", now=NOW)
    presence.closed(socket, session.pk, now=NOW)
    presence.process_started("after", now=at(100))
    assert session_deadlines.expire(now=at(101)) == []


def test_words_that_were_not_heard_are_not_in_the_transcript() -> None:
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
    said = roleplay_prompt.reply_request(session, 2).lines
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
    assert not store(turn.pk, SpokenReply(spoken, None, ReplyFinished()), holder="dead", now=at(20))
    assert Turn.objects.get(pk=turn.pk).reply_status == ReplyStatus.SPEAKING


def test_an_interrupted_reply_is_not_spoken_again_when_its_process_dies() -> None:
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


def test_what_an_interrupted_reply_of_a_dead_process_would_have_answered_counts_with_the_next() -> None:
    session = started(ai_persona_brief=cast.role_brief(), end_criteria=cast.BRIEF_CRITERIA)
    answered(session)
    take(session, spoken_turn(at(4), sound=None, text="The search page was four days late."), at(4))
    turn = Turn.objects.get(session=session, sequence=2)
    assert replies.claim(turn.pk, holder="dead", now=at(4))
    barge_in.interrupt(session.pk, 2, heard_ms=0, now=at(5))
    assert barge_in.finish_unheld(turn.pk, now=at(15))
    assert role_by_model.unjudged(session) == [2]
    after = role_by_model.move(session, {2: ["late-work"]})
    assert after
    assert after.met == {}
    take(session, spoken_turn(at(16), 3, sound=None, text="Four days."), at(16))
    answered(session, 4, now=at(16))
    assert role_by_model.unjudged(session) == [4]
    after = role_by_model.move(session, {2: ["insult"], 4: []})
    assert after
    assert (after.met, after.trust) == ({1: 3}, 1), "a turn is judged once"


def test_an_interrupt_during_encoding_still_truncates_the_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    session = started()
    to_mp3 = encode.to_mp3

    def interrupted(pcm: bytes) -> bytes:
        barge_in.interrupt(session.pk, 0, heard_ms=500, now=at(1))
        return to_mp3(pcm)

    monkeypatch.setattr(encode, "to_mp3", interrupted)
    cut = answered(session, seconds=2.0)
    assert cut.interrupted
    assert cut.audio
    assert cut.audio.duration_ms == 500


def test_of_two_interrupts_during_a_reply_the_first_counts() -> None:
    session = started()
    turn = Turn.objects.get(session=session)
    assert replies.claim(turn.pk, holder="here", now=NOW)
    for heard_ms in (400, 100):
        barge_in.interrupt(session.pk, 0, heard_ms=heard_ms, now=at(1))
    turn.refresh_from_db()
    assert turn.heard_ms == 400


def test_an_interrupt_cannot_claim_more_than_was_spoken() -> None:
    session = started()
    turn = Turn.objects.get(session=session)
    assert replies.claim(turn.pk, holder="here", now=NOW)
    barge_in.interrupt(session.pk, 0, heard_ms=60_000, now=at(1))
    spoken = Spoken()
    for fact in (TextSpoken("I know."), AudioSpoken(sounds.tone(1.0))):
        spoken.add(fact)
    assert store(turn.pk, SpokenReply(spoken, NOW), holder="here", now=at(1))
    kept = Turn.objects.get(pk=turn.pk)
    assert kept.audio
    assert (kept.audio.duration_ms, kept.transcript, kept.interrupted) == (1000, "I know.", True)


def test_the_model_never_learns_the_objective() -> None:
    session = started()
    told = roleplay_prompt.reply_request(session, 0).instructions
    assert "You are Alex, Software developer." in told
    assert cast.OBJECTIVE not in told
    assert cast.END_CRITERION not in told


def test_a_continued_session_knows_what_was_said_before() -> None:
    session = started()
    before = answered(session)
    session_end.end(session.pk, Reason.QA_ERROR, now=at(5))
    wish = sessions.Start(session.scenario_id, at(9), continues_from=session.pk)
    again = sessions.start(wish, user_id=ALEX, now=at(9))
    assert [line.text for line in roleplay_prompt.reply_request(again, 0).lines] == [before.transcript]


def test_a_clock_drift_over_two_seconds_is_refused_with_its_amount() -> None:
    with pytest.raises(ClockDrift) as refused:
        sessions.start(sessions.Start(cast.scenario().pk, at(3)), user_id=ALEX, now=NOW)
    assert refused.value.drift_seconds == 3.0


def test_a_start_waits_for_local_models(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("practice.api.session_api.loading", lambda: Loading("voice: half of it", 0.5))
    body = {"scenarioId": cast.scenario().pk, "clientSessionStartedAt": datetime.now(UTC).isoformat()}
    response = client.post("/api/sessions", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (503, "models_loading")
    assert int(response["Retry-After"]) > 0

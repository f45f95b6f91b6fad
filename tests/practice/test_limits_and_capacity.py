"""Limits end sessions, places are given in order, and the first end of a session wins."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError, connection
from django.db.models import F, Model

from coach.config import config
from history.models import Tally
from practice import session_end, sessions
from practice.api import api_schemas
from practice.lifecycle import SESSION_MOVES, AsrStatus, Reason, ReplyStatus, SessionStatus, Speaker
from practice.limits import capacity, clock_step, presence, session_deadlines, sweep
from practice.models import LastSweep, PracticeSession, Scenario, Turn
from practice.signals import session_ended
from practice.turns import accept, idle_clock, replies, transcription
from practice.turns.submission import Submission
from tests import cast

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario(idle_limit_seconds=20, duration_limit_seconds=300)


@pytest.fixture
def two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(config), "max_active", property(lambda self: 2))


def started(scenario: Scenario, *, at: datetime = NOW, user: str = "pilot-user") -> PracticeSession:
    return sessions.start(sessions.Start(scenario.pk, at), user_id=user, now=at)


def listening(scenario: Scenario) -> PracticeSession:
    """A session whose opening has been played; the idle clock runs from NOW."""
    session = started(scenario)
    Turn.objects.filter(session=session).update(reply_status=ReplyStatus.COMPLETE, transcript="Hi.")
    PracticeSession.objects.filter(pk=session.pk).update(idle_deadline=NOW + timedelta(seconds=20))
    return session


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def reason_of(session: PracticeSession) -> str:
    session.refresh_from_db()
    return session.termination_reason


@pytest.mark.parametrize("wanted", [SessionStatus.ACTIVE, SessionStatus.ENDED])
@pytest.mark.parametrize("status", SessionStatus)
def test_only_transitions_in_the_table_happen(scenario: Scenario, status: SessionStatus, wanted: SessionStatus) -> None:
    session = started(scenario)
    if status == SessionStatus.PENDING:
        PracticeSession.objects.update(status=status, started_at=None)
    if status == SessionStatus.ENDED:
        session_end.end(session.pk, Reason.MANUAL, now=NOW)
    if wanted == SessionStatus.ACTIVE:
        Turn.objects.all().delete()
        moved = sessions.activate(session.pk, now=NOW)
    else:
        moved = session_end.end(session.pk, Reason.IDLE, now=NOW) is not None
    assert moved == (wanted in SESSION_MOVES[status])


def test_the_duration_limit_ends_a_session_and_not_a_moment_earlier(scenario: Scenario) -> None:
    session = listening(scenario)
    PracticeSession.objects.update(idle_deadline=None)
    assert session_deadlines.expire(now=after(299.9)) == []
    assert session_deadlines.expire(now=after(300.5)) == [session.pk]
    assert reason_of(session) == Reason.DURATION
    assert session.termination_latency_ms == 500


def test_a_process_knows_when_the_next_deadline_is(scenario: Scenario) -> None:
    session = listening(scenario)
    assert session_deadlines.next_deadline(now=NOW) == after(20)
    idle_clock.begin(session.pk, 1, now=after(10))
    assert session_deadlines.next_deadline(now=after(10)) == after(10 + 60 + 10)
    assert session_deadlines.next_deadline(now=after(81)) == after(300)
    session_end.end(session.pk, Reason.MANUAL, now=after(82))
    assert session_deadlines.next_deadline(now=after(82)) is None


def test_silence_ends_a_session_as_idle(scenario: Scenario) -> None:
    session = listening(scenario)
    assert session_deadlines.expire(now=after(19)) == []
    session_deadlines.expire(now=after(20))
    assert reason_of(session) == Reason.IDLE


def test_the_limit_that_was_reached_first_is_the_reason(scenario: Scenario) -> None:
    silent = listening(scenario)
    over = listening(scenario)
    PracticeSession.objects.filter(pk=over.pk).update(idle_deadline=after(301))
    session_deadlines.expire(now=after(10_000))
    assert (reason_of(silent), reason_of(over)) == (Reason.IDLE, Reason.DURATION)


def test_time_in_which_the_site_was_off_is_not_practice(scenario: Scenario) -> None:
    session = listening(scenario)
    PracticeSession.objects.update(idle_deadline=None)
    assert session_deadlines.expire(now=after(12 * 3600)) == [session.pk]
    session.refresh_from_db()
    assert (session.ended_at, session.total_duration_seconds) == (after(300), 300)
    assert Tally.objects.get(user_id=session.user_id).seconds == 300
    assert session.termination_latency_ms == (12 * 3600 - 300) * 1000


def test_a_limit_that_was_reached_before_the_start_ends_a_session_at_its_start(scenario: Scenario) -> None:
    session = listening(scenario)
    PracticeSession.objects.update(socket_deadline=after(-5))
    session_deadlines.expire(now=after(12 * 3600))
    session.refresh_from_db()
    assert session.ended_at == NOW


def test_a_session_ends_however_long_ago_its_limit_was(scenario: Scenario) -> None:
    session = listening(scenario)
    assert session_deadlines.expire(now=after(26 * 86_400)) == [session.pk]
    session.refresh_from_db()
    assert session.termination_latency_ms == 2**31 - 1, "the most that the column holds"


def test_a_session_that_cannot_be_ended_keeps_no_other_from_its_limit(scenario: Scenario) -> None:
    stuck, other = listening(scenario), listening(scenario)

    def refuse(session: PracticeSession, **_: object) -> None:
        if session.pk == stuck.pk:
            raise DataError("integer out of range")

    session_ended.connect(refuse)
    try:
        assert session_deadlines.expire(now=after(21)) == [other.pk]
        with pytest.raises(DataError):
            session_deadlines.expire(now=after(21), session_id=stuck.pk)
    finally:
        session_ended.disconnect(refuse)
    assert session_deadlines.expire(now=after(22)) == [stuck.pk]


def test_speaking_pauses_the_idle_clock_for_a_minute_at_most(scenario: Scenario) -> None:
    session = listening(scenario)
    idle_clock.begin(session.pk, 1, now=after(15))
    assert session_deadlines.expire(now=after(15 + 60 + 4)) == []
    session_deadlines.expire(now=after(15 + 60 + 6))
    assert reason_of(session) == Reason.IDLE


def test_repeated_turn_start_messages_do_not_keep_a_session_open(scenario: Scenario) -> None:
    session = listening(scenario)
    for second in range(0, 80, 5):
        idle_clock.begin(session.pk, 1, now=after(second))
    session_deadlines.expire(now=after(81))
    assert reason_of(session) == Reason.IDLE


def test_cancelled_turns_keep_a_session_open_for_no_longer_than_its_duration(scenario: Scenario) -> None:
    session = listening(scenario)
    for second in range(0, 300, 10):
        assert session_deadlines.expire(now=after(second)) == []
        idle_clock.cancel(session.pk, 1, now=after(second))
        idle_clock.begin(session.pk, 1, now=after(second))
    assert session_deadlines.expire(now=after(300)) == [session.pk]
    assert reason_of(session) == Reason.DURATION


def test_a_cancelled_turn_restarts_the_idle_clock(scenario: Scenario) -> None:
    session = listening(scenario)
    idle_clock.begin(session.pk, 1, now=after(15))
    idle_clock.cancel(session.pk, 1, now=after(30))
    assert session_deadlines.expire(now=after(49)) == []
    assert session_deadlines.expire(now=after(50)) == [session.pk]


def test_playback_that_ends_earlier_than_expected_starts_the_idle_clock(scenario: Scenario) -> None:
    session = listening(scenario)
    PracticeSession.objects.update(idle_deadline=after(60))
    idle_clock.playback_ended(session.pk, 0, now=after(5))
    assert session_deadlines.expire(now=after(25)) == [session.pk]


def test_a_playback_report_cannot_postpone_the_idle_limit(scenario: Scenario) -> None:
    session = listening(scenario)
    idle_clock.playback_ended(session.pk, 0, now=after(19))
    assert session_deadlines.expire(now=after(20)) == [session.pk]


def test_a_playback_report_about_an_earlier_turn_starts_no_clock(scenario: Scenario) -> None:
    session = listening(scenario)
    said = {"session": session, "transcript": "So.", "created_at": NOW}
    Turn.objects.create(sequence=1, speaker=Speaker.TRAINEE, **said)
    Turn.objects.create(sequence=2, speaker=Speaker.AI, reply_status=ReplyStatus.COMPLETE, **said)
    PracticeSession.objects.update(idle_deadline=after(60))
    idle_clock.playback_ended(session.pk, 0, now=after(5))
    assert session_deadlines.expire(now=after(59)) == []
    assert session_deadlines.expire(now=after(60)) == [session.pk]


def test_the_first_end_wins_and_later_ones_change_nothing(scenario: Scenario) -> None:
    session = started(scenario)
    assert session_end.end(session.pk, Reason.MANUAL, now=after(1))
    assert session_end.end(session.pk, Reason.QA_ERROR, now=after(2)) is None
    assert session_end.stop(session, Reason.MEDIA_ERROR, now=after(3)).termination_reason == Reason.MANUAL
    assert reason_of(session) == Reason.MANUAL
    assert session.ended_at == after(1)


def test_a_limit_that_was_moved_meanwhile_ends_nothing(scenario: Scenario) -> None:
    session = listening(scenario)
    PracticeSession.objects.update(idle_deadline=after(60))
    seen_before = {"idle_deadline__lte": after(8)}
    assert session_end.end(session.pk, Reason.IDLE, now=after(8), only_if=seen_before) is None
    assert not PracticeSession.objects.filter(status=SessionStatus.ENDED).exists()


def test_waiting_sessions_are_admitted_in_order_as_places_become_free(
    scenario: Scenario, two_places: None, django_capture_on_commit_callbacks
) -> None:
    talking = [started(scenario), started(scenario)]
    waiting = [started(scenario, at=after(number)) for number in (1, 2)]
    assert [session.status for session in waiting] == [SessionStatus.PENDING] * 2
    assert capacity.waiting() == [session.pk for session in waiting]
    with django_capture_on_commit_callbacks(execute=True):
        session_end.end(talking[0].pk, Reason.MANUAL, now=after(3))
        newcomer = started(scenario, at=after(3))
        assert newcomer.status == SessionStatus.PENDING, "a place is free, but two others have waited for it"
    for session in waiting:
        session.refresh_from_db()
    assert [session.status for session in waiting] == [SessionStatus.ACTIVE, SessionStatus.PENDING]
    assert capacity.waiting() == [waiting[1].pk, newcomer.pk]
    assert waiting[0].started_at == after(3)


def test_the_queue_follows_the_order_of_decisions_whatever_each_process_clock_says(
    scenario: Scenario, two_places: None
) -> None:
    started(scenario), started(scenario)
    waiting = [started(scenario, at=after(seconds)) for seconds in (3, 1, 2, 1, 3)]
    assert capacity.waiting() == [session.pk for session in waiting]
    assert [api_schemas.sessions([session])[0].queuePosition for session in waiting] == [1, 2, 3, 4, 5]


def test_waiting_too_long_ends_with_an_explanation_and_frees_the_queue(scenario: Scenario, two_places: None) -> None:
    started(scenario), started(scenario)
    session = started(scenario)
    session_deadlines.expire(now=after(config.pending_wait_seconds - 1))
    assert reason_of(session) == ""
    session_deadlines.expire(now=after(config.pending_wait_seconds))
    assert reason_of(session) == Reason.CAPACITY
    assert capacity.waiting() == []


def test_beyond_places_and_queue_nobody_is_admitted(scenario: Scenario, two_places: None) -> None:
    for _ in range(2 + config.max_pending):
        started(scenario)
    with pytest.raises(capacity.CapacityExceeded):
        started(scenario)
    assert PracticeSession.objects.count() == 2 + config.max_pending


def test_only_an_ended_session_can_be_continued(scenario: Scenario) -> None:
    session = started(scenario)
    wish = sessions.Start(scenario.pk, NOW, continues_from=session.pk)
    with pytest.raises(sessions.NotStartable):
        sessions.start(wish, user_id="pilot-user", now=NOW)
    session_end.end(session.pk, Reason.QA_ERROR, now=NOW)
    assert sessions.start(wish, user_id="pilot-user", now=NOW).continues_from_id == session.pk
    with pytest.raises(sessions.NotStartable):
        sessions.start(wish, user_id="sam", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_forty_simultaneous_starts_never_exceed_places_and_queue(scenario: Scenario, two_places: None) -> None:
    def start(_: int) -> bool:
        try:
            started(scenario)
        except capacity.CapacityExceeded:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(max_workers=10) as threads:
        admitted = sum(threads.map(start, range(40)))
    assert admitted == 2 + config.max_pending
    assert capacity.active() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_turn_sent_twenty_times_at_once_is_accepted_once(scenario: Scenario) -> None:
    session = listening(scenario)
    turn = Submission(1, after(1), after(1), after(1), text="Can we talk?")

    def take(_: int) -> tuple[str, str | None, str | None]:
        try:
            receipt = accept.accept(session.pk, turn, user_id="pilot-user", now=after(1))
        finally:
            connection.close()
        return receipt.status, receipt.turn_id, receipt.ai_turn_id

    with ThreadPoolExecutor(max_workers=10) as threads:
        receipts = list(threads.map(take, range(20)))
    assert sorted(status for status, _, _ in receipts) == ["accepted"] + ["duplicate"] * 19
    assert len({receipt[1:] for receipt in receipts}) == 1
    assert [turn.sequence for turn in Turn.objects.filter(session=session)] == [0, 1, 2]


@pytest.mark.parametrize(("away", "ends_after"), [(2, 20), (40, 60), (14 * 60, 20 + 14 * 60), (16 * 60, 20)])
def test_time_in_which_no_process_enforced_limits_does_not_count(
    scenario: Scenario, away: int, ends_after: int
) -> None:
    """Only up to fifteen minutes: after that nobody is expected to be waiting."""
    session = listening(scenario)
    PracticeSession.objects.update(duration_deadline=after(3_000))
    sweep.enforce(now=after(1))
    LastSweep.objects.update(at=F("at") - timedelta(seconds=away))
    sweep.enforce(now=after(2))
    # A tolerance, because the database's own clock ran for a moment between the two.
    assert session_deadlines.expire(now=after(ends_after - 1)) == []
    assert session_deadlines.expire(now=after(ends_after + 5)) == [session.pk]


def test_the_grace_period_applies_only_to_a_session_that_lost_its_socket(scenario: Scenario) -> None:
    """Clients may use the API without a socket."""
    session = listening(scenario)
    presence.process_started("one", now=NOW)
    presence.sweep(now=after(1))
    session.refresh_from_db()
    assert session.socket_deadline is None
    socket = presence.opened(session.pk, "one", now=after(1))
    presence.closed(socket, session.pk, now=after(2))
    session.refresh_from_db()
    assert session.socket_deadline == after(2) + presence.grace()


@pytest.mark.parametrize("minutes", [60, 10, -60, -10])
def test_a_clock_step_ends_no_session_and_blocks_no_job(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """For example NTP after the machine was paused; the process knows how many seconds really passed."""
    step = timedelta(minutes=minutes)
    session = listening(scenario)
    turn = Submission(1, after(1), after(1), after(1), text="Can we talk?")
    accept.accept(session.pk, turn, user_id="pilot-user", now=after(1))
    Turn.objects.filter(sequence=1).update(asr_status=AsrStatus.PENDING, asr_next_attempt_at=after(2))
    Turn.objects.filter(sequence=2).update(reply_status=ReplyStatus.SPEAKING, lease_until=after(9))
    # The very first sweep of a database has nothing to compare with, so its process remembers the second.
    for _ in range(2):
        sweep.web("one", [], now=after(1))
    before, turns = PracticeSession.objects.get(pk=session.pk), list(Turn.objects.order_by("sequence"))
    LastSweep.objects.update(at=F("at") - step)
    assert (reading := clock_step._last)
    monkeypatch.setattr(clock_step, "_last", replace(reading, database_now=reading.database_now - step))
    later = after(3) + step
    sweep.web("one", [], now=later)
    session.refresh_from_db()
    assert session.status == SessionStatus.ACTIVE
    for then, now in zip(turns, Turn.objects.order_by("sequence"), strict=True):
        assert_moved(then, now, step, "created_at", "started_at", "ended_at", "lease_until", "asr_next_attempt_at")
    assert_moved(before, session, step, "started_at", "sorted_at", "duration_deadline", "idle_deadline")
    assert replies.owed(now=later) == [], "its lease has not run out"
    assert replies.owed(now=after(10) + step) == [turns[2].pk]
    assert transcription.owed(now=later) == [turns[1].pk]
    sweep.web("two", [], now=later)
    session.refresh_from_db()
    assert_moved(before, session, step, "started_at")


def assert_moved(then: Model, now: Model, step: timedelta, *columns: str) -> None:
    for column in columns:
        was, is_now = getattr(then, column), getattr(now, column)
        assert (was is None and is_now is None) or abs(is_now - was - step) < timedelta(seconds=2), column


def test_the_first_request_after_a_database_outage_ends_no_session(scenario: Scenario) -> None:
    """A request or a worker may come before a web process's first sweep."""
    session = listening(scenario)
    sweep.enforce(now=after(1))
    before = PracticeSession.objects.get(pk=session.pk).event_number
    LastSweep.objects.update(at=F("at") - timedelta(seconds=40))
    assert session_deadlines.expire(now=after(41), session_id=session.pk) == []
    session.refresh_from_db()
    assert after(59) < session.idle_deadline < after(65)
    assert session.event_number == before, "every socket looks again although there is nothing new for it"
    assert session_deadlines.expire(now=after(41)) == []


def test_a_coaching_pause_during_a_database_outage_is_not_counted_twice(scenario: Scenario) -> None:
    session = listening(scenario)
    PracticeSession.objects.update(
        coaching_paused_at=NOW, idle_deadline=after(320), duration_deadline=after(600), coaching_pauses=[{}]
    )
    sweep.enforce(now=after(1))
    LastSweep.objects.update(at=F("at") - timedelta(seconds=40))
    sweep.enforce(now=after(41))
    idle_clock.begin(session.pk, 1, now=after(50))
    session.refresh_from_db()
    # A pause of ten seconds before the outage and forty seconds without a database: 300 + 50, not 300 + 90.
    assert after(349) < session.duration_deadline < after(356)

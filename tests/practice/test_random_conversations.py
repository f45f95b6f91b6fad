"""Invariants of sessions while clients send anything, clocks jump, models fail and processes die.

A hypothesis state machine calls the verbs of socket, API, runner, worker and sweep in any order, with its own clock.
The same few courses run every time; `COURSES=300 pytest …` tries random ones.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from django.test import TestCase
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from coach import clock
from coach.config import config
from coach.providers.ports import MalformedAnswer, ProviderRejected, ProviderUnavailable, ToolAnswer, Transcript
from coach.storage import audio
from practice import lifecycle, notifications, session_end, sessions
from practice.lifecycle import STOP_REASONS, Reason, ReplyStatus, SessionStatus, Speaker
from practice.limits import capacity, presence, sweep
from practice.models import PracticeSession, Turn
from practice.turns import accept, barge_in, goal_check, idle_clock, replies, transcription
from practice.turns.events import AudioSpoken, ReplyFailed, ReplyFinished, ReplyInterrupted, Spoken, TextSpoken
from practice.turns.spoken_reply import SpokenReply
from practice.turns.store_reply import store
from practice.turns.submission import Submission, TurnRefused
from tests import cast
from tests.audio import sounds

COURSES = int(os.environ.get("COURSES", "0"))
PLACES, QUEUE = 2, 2
BEGINNING = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
USER = "alex"
MP3 = sounds.mp3(0.5)
SPEECH = sounds.tone(0.5)
which = st.integers(0, 3)


class Process:
    """A stand-in for a web process: its id, the replies it should begin, and those it is speaking."""

    def __init__(self, number: int) -> None:
        self.id = f"web-{number}"
        self.saying: dict[str, replies.ReplyClaim] = {}
        self.due: list[str] = []
        self.stopping: set[str] = set()

    def begin_reply(self, turn_id: str) -> None:
        self.due.append(turn_id)

    def tell(self, message: notifications.Message, here: notifications.TurnTaken | None = None) -> None:
        if isinstance(message, notifications.ReplyStopped):
            self.stopping.add(message.turn_id)


class Recognizer:
    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def transcribe(self, mp3: bytes, *, language: str, session_id: str = "") -> Transcript:
        if self._error:
            raise self._error
        return Transcript("We keep missing the date.")


class Checker:
    model, local = "checker", False

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def call(self, *_: Any, **__: Any) -> ToolAnswer:
        if isinstance(self._answer, Exception):
            raise self._answer
        return ToolAnswer({"status": self._answer, "reason": None})


class Course(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._database = transaction.atomic()
        self._database.__enter__()
        self.now = BEGINNING
        self._real_now, clock.now = clock.now, lambda: self.now
        self.scenario = cast.scenario(idle_limit_seconds=8, duration_limit_seconds=120).pk
        self.ids: list[str] = []
        self.ends: dict[str, tuple[str, datetime]] = {}
        self.taken: dict[tuple[str, int], str] = {}
        self.told: dict[str, str] = {}
        self.sockets: list[tuple[str, str]] = []
        self.processes = 0
        self.process: Process
        self._begin_process()

    def teardown(self) -> None:
        try:
            self._settle()
        finally:
            notifications.set_local_process(None)
            clock.now = self._real_now
            transaction.set_rollback(True)
            self._database.__exit__(None, None, None)

    def _begin_process(self) -> None:
        self.processes += 1
        self.process = Process(self.processes)
        notifications.set_local_process(self.process)
        presence.process_started(self.process.id, now=self.now)
        self.sockets = []

    def _do(self, verb: Any, *arguments: Any, **options: Any) -> Any:
        """Run `verb` together with its on-commit hooks."""
        with TestCase.captureOnCommitCallbacks(execute=True):
            return verb(*arguments, **options)

    def _id(self, at: int) -> str:
        return self.ids[-1 - at % len(self.ids)]

    # Clients

    @rule()
    def start(self) -> None:
        wish = sessions.Start(self.scenario, self.now)
        try:
            self.ids.append(self._do(sessions.start, wish, user_id=USER, now=self.now).pk)
        except capacity.CapacityExceeded:
            assert capacity.active() + len(capacity.waiting()) >= PLACES + QUEUE

    @precondition(lambda self: self.ids)
    @rule(
        at=which,
        ahead=st.sampled_from([0, 0, 0, 0, -1, -2, 1, 2]),
        spoken=st.booleans(),
        skew=st.sampled_from([0, 0, 0, 0, 3, -7200]),
        rubbish=st.sampled_from([False, False, False, True]),
    )
    def say(self, at: int, ahead: int, spoken: bool, skew: int, rubbish: bool) -> None:
        session_id = self._id(at)
        latest = Turn.objects.filter(session_id=session_id).order_by("-sequence").first()
        sequence = max(0, (latest.sequence if latest else 0) + 1 + ahead)
        sent = self.now + timedelta(seconds=skew)
        content: dict[str, Any] = (
            {"sound": b"rubbish" if rubbish else MP3} if spoken else {"text": " " if rubbish else "So?"}
        )
        turn = Submission(sequence, sent, sent, sent, **content)
        before = Turn.objects.filter(session_id=session_id).count()
        try:
            receipt = self._do(accept.accept, session_id, turn, user_id=USER, now=self.now)
        except TurnRefused:
            assert Turn.objects.filter(session_id=session_id).count() == before
            return
        key = (session_id, sequence)
        match receipt.status:
            case "accepted":
                assert key not in self.taken
                assert not rubbish
                assert not skew
                self.taken[key] = receipt.turn_id
            case "duplicate":
                assert self.taken[key] == receipt.turn_id
            case "closed":
                assert PracticeSession.objects.get(pk=session_id).status == SessionStatus.ENDED

    @precondition(lambda self: self.ids)
    @rule(
        at=which, what=st.sampled_from(["begin", "begin", "cancel", "played"]), ahead=st.sampled_from([0, 0, 0, -2, 2])
    )
    def speak_up(self, at: int, what: str, ahead: int) -> None:
        session_id = self._id(at)
        if what in ("begin", "cancel"):
            sequence = Turn.objects.filter(session_id=session_id).count() + ahead
            self._do(getattr(idle_clock, what), session_id, sequence, now=self.now)
        else:
            latest = Turn.objects.filter(session_id=session_id, speaker=Speaker.AI).order_by("-sequence").first()
            self._do(idle_clock.playback_ended, session_id, latest.sequence if latest else 0, now=self.now)

    @precondition(lambda self: self.ids)
    @rule(at=which, back=st.sampled_from([0, 0, 2]), heard_ms=st.sampled_from([0, 300, 900, 60_000]))
    def interrupt(self, at: int, back: int, heard_ms: int) -> None:
        session_id = self._id(at)
        latest = Turn.objects.filter(session_id=session_id, speaker=Speaker.AI).order_by("-sequence").first()
        sequence = max(0, (latest.sequence if latest else 0) - back)
        stopped = self._do(barge_in.interrupt, session_id, sequence, heard_ms=heard_ms, now=self.now)
        if stopped in self.process.saying:
            self._finish(stopped, whole=False, failed=False)

    @precondition(lambda self: self.ids)
    @rule(at=which, reason=st.sampled_from(sorted(STOP_REASONS)))
    def stop(self, at: int, reason: Any) -> None:
        session = sessions.get(self._id(at), user_id=USER)
        assert self._do(session_end.stop, session, reason, now=self.now).status == SessionStatus.ENDED

    @precondition(lambda self: self.ids)
    @rule(at=which)
    def open_socket(self, at: int) -> None:
        session_id = self._id(at)
        self.sockets.append((presence.opened(session_id, self.process.id, now=self.now), session_id))

    @precondition(lambda self: self.sockets)
    @rule()
    def close_socket(self) -> None:
        socket_id, session_id = self.sockets.pop()
        presence.closed(socket_id, session_id, now=self.now)

    # Time, processes, models

    @rule(seconds=st.sampled_from([0.2, 1, 1, 3, 7.9, 8.1, 16, 31, 61, 121]))
    def time_passes(self, seconds: float) -> None:
        """A living process renews leases and sweeps every second; a long step is a machine that slept."""
        self.now += timedelta(seconds=seconds)
        if seconds < replies.LEASE.total_seconds():
            replies.renew(list(self.process.saying), holder=self.process.id, now=self.now)
        self._sweep()

    def _sweep(self) -> None:
        found = self._do(sweep.web, self.process.id, self.ids, now=self.now)
        self.process.due += found.replies
        late = Q(turns__reply_status=ReplyStatus.FAILED, status=SessionStatus.ACTIVE)
        for field in lifecycle.DEADLINES:
            late |= Q(**{f"{field}__lte": self.now})
        assert not PracticeSession.objects.exclude(status=SessionStatus.ENDED).filter(late).exists()

    @rule()
    def the_process_is_killed(self) -> None:
        self._begin_process()

    @rule()
    def the_process_hands_over(self) -> None:
        for turn_id in self.process.saying:
            replies.release(turn_id, holder=self.process.id)
        presence.process_gone(self.process.id)
        self._begin_process()

    @precondition(lambda self: self.process.due)
    @rule()
    def a_reply_begins(self) -> None:
        turn_id = self.process.due.pop()
        if turn_id in self.process.saying:
            return
        claim = self._do(replies.claim, turn_id, holder=self.process.id, now=self.now)
        if claim:
            assert Turn.objects.get(pk=turn_id).transcript is None, "what was answered is answered again"
            self.process.saying[turn_id] = claim

    @precondition(lambda self: self.process.saying)
    @rule(how=st.sampled_from(["whole", "whole", "whole", "failed", "without a word", "stopped"]), dies=st.booleans())
    def a_reply_ends(self, how: str, dies: bool) -> None:
        """`dies`: the process is killed between storing the reply and what follows from it."""
        turn_id = next(iter(self.process.saying))
        if turn_id in self.process.stopping:
            how = "stopped"
        self._finish(
            turn_id,
            whole=how == "whole",
            failed=how in ("failed", "without a word"),
            mute=how == "without a word",
            dies=dies,
        )

    def _finish(self, turn_id: str, *, whole: bool, failed: bool, mute: bool = False, dies: bool = False) -> None:
        claim = self.process.saying.pop(turn_id)
        ended = not PracticeSession.objects.filter(pk=claim.session_id, status=SessionStatus.ACTIVE).exists()
        asked_to_stop = ended or Turn.objects.filter(pk=turn_id).exclude(heard_ms=None).exists()
        if not whole and not failed and not asked_to_stop:
            whole = True
        spoken = Spoken()
        for fact in () if mute else (TextSpoken("I know. "), AudioSpoken(SPEECH), TextSpoken("It is late.")):
            spoken.add(fact)
        end = ReplyFailed(ProviderUnavailable("down")) if failed else ReplyFinished() if whole else ReplyInterrupted()
        stored = self._do(
            store,
            turn_id,
            SpokenReply(spoken, None if mute else self.now, end),
            holder=self.process.id,
            now=self.now,
        )
        if dies:
            self._begin_process()
        elif failed:
            self._do(session_end.end, claim.session_id, Reason.QA_ERROR, now=self.now)
        if stored and (turn := Turn.objects.get(pk=turn_id)).transcript is not None:
            self.told[turn_id] = turn.transcript

    @rule(
        error=st.sampled_from(
            [None, None, ProviderUnavailable("down"), ProviderRejected("no"), audio.AudioLost("gone")]
        )
    )
    def a_worker_listens(self, error: Exception | None) -> None:
        for turn_id in transcription.owed(now=self.now):
            self._do(transcription.transcribe, turn_id, Recognizer(error), now=self.now)

    @rule(
        answer=st.sampled_from(
            ["continue", "continue", "continue", "succeeded", "failed", "perhaps", MalformedAnswer("?")]
        )
    )
    def the_objective_is_checked(self, answer: Any) -> None:
        for turn_id in goal_check.owed(now=self.now):
            if goal_check.claim(turn_id, now=self.now, seconds=4):
                self._do(goal_check.check, turn_id, Checker(answer), timeout=4)

    @invariant()
    def invariants_hold(self) -> None:
        found = {session.pk: session for session in PracticeSession.objects.all()}
        turns: dict[str, list[Turn]] = {session_id: [] for session_id in found}
        for turn in Turn.objects.order_by("sequence"):
            turns[turn.session_id].append(turn)
        for session_id, session in found.items():
            _every_turn_has_its_place(turns[session_id])
            if session.status != SessionStatus.ENDED:
                assert session_id not in self.ends, "an end was taken back"
                _nothing_is_held_open(session, turns[session_id], self.now)
            else:
                end = (session.termination_reason, session.ended_at)
                assert self.ends.setdefault(session_id, end) == end, "one end, one reason"
        self._nothing_taken_is_lost({turn.pk: turn for said in turns.values() for turn in said})
        active, waiting = ([s.status for s in found.values()].count(status) for status in ("active", "pending"))
        assert active <= PLACES
        assert waiting <= QUEUE
        assert not waiting or active == PLACES, "somebody waits beside an empty place"

    def _nothing_taken_is_lost(self, turns: dict[str, Turn]) -> None:
        for (session_id, sequence), turn_id in self.taken.items():
            turn = turns[turn_id]
            assert (turn.session_id, turn.sequence) == (session_id, sequence)
            assert turn.transcript is not None or turn.audio_id is not None
        for turn_id, words in self.told.items():
            said = turns[turn_id]
            assert words.startswith(said.transcript or "")
            assert said.transcript == words or said.interrupted

    def _settle(self) -> None:
        """Let all limits pass: every session must be over, with no work left."""
        self._begin_process()
        for _ in range(4):
            self.now += timedelta(seconds=130)
            self._sweep()
        assert PracticeSession.objects.exclude(status=SessionStatus.ENDED).count() == 0
        assert Turn.objects.under_way().count() == 0


def _every_turn_has_its_place(turns: list[Turn]) -> None:
    assert [turn.sequence for turn in turns] == list(range(len(turns)))
    assert sum(turn.reply_status in (ReplyStatus.DUE, ReplyStatus.SPEAKING) for turn in turns) <= 1
    for turn in turns[:-1]:
        assert turn.speaker == Speaker.TRAINEE or turn.reply_status == ReplyStatus.COMPLETE
    assert not turns or turns[-1].speaker == Speaker.AI, "a turn that nobody owes an answer"


def _nothing_is_held_open(session: PracticeSession, turns: list[Turn], now: datetime) -> None:
    """Every open turn or waiting session is being served or has a deadline."""
    if session.status == SessionStatus.PENDING:
        assert session.queue_deadline
        return
    assert session.duration_deadline
    latest = turns[-1].reply_status
    # A reply that was given up ends the session, at the latest at the next sweep.
    assert latest != ReplyStatus.COMPLETE or session.idle_deadline, "silence for ever"
    if session.idle_deadline:
        at_most = idle_clock.SPEECH_HOLDS + timedelta(seconds=session.idle_limit_seconds + 2)
        assert session.idle_deadline <= now + at_most


@pytest.mark.django_db
@pytest.mark.postgres
def test_invariants_hold_in_any_course_of_events(monkeypatch: pytest.MonkeyPatch, calls: list[tuple[str, ...]]) -> None:
    small = config.model_copy(update={"max_active_value": PLACES, "max_pending": QUEUE})
    monkeypatch.setattr(capacity, "config", small)
    run_state_machine_as_test(
        Course,
        settings=settings(
            max_examples=COURSES or 8,
            stateful_step_count=30,
            derandomize=not COURSES,
            # No shrinking: it takes minutes, and the steps of a failure are printed anyway.
            phases=[Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

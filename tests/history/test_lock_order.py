"""Concurrent work on one session never deadlocks, because every transaction locks the session first.

Meant for PostgreSQL, which locks rows; SQLite has a single lock. Nothing is retried here, so a deadlock fails a test.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from coach.audio import encode
from coach.jobs import wake_up
from coach.providers.ports import Transcript
from coach.storage import audio, audio_upload
from evaluations import evaluation_job as evaluation_queue
from evaluations.findings.results import Findings
from evaluations.models import Evaluation
from history import erasure
from history.models import Erasure
from practice import notifications, session_end, sessions
from practice.lifecycle import AsrStatus, Reason, ReplyStatus, SessionStatus, Speaker
from practice.limits import presence, sweep
from practice.models import PracticeSession, Scenario, Turn, WebProcess
from practice.turns import barge_in, idle_clock, replies, transcription
from practice.turns.events import ReplyFinished, Spoken
from practice.turns.spoken_reply import SpokenReply
from practice.turns.store_reply import store
from tests import cast
from tests.audio import sounds

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

ROUNDS = 100 if connection.vendor == "postgresql" else 5
HOLDER = "web"
MP3 = sounds.mp3(0.5)
PCM = sounds.tone(0.3)
SCORING = Findings((), "Nothing to score.")


class Recogniser:
    def transcribe(self, mp3: bytes, *, language: str, session_id: str = "") -> Transcript:
        return Transcript("We need to talk.")


@pytest.fixture(autouse=True)
def _no_wake_ups_no_notifications(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake_up, "call", lambda *call: None)
    monkeypatch.setattr(notifications, "post", lambda message: None)
    monkeypatch.setattr(encode, "to_mp3", lambda pcm: MP3)


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario()


@pytest.fixture
def at_once() -> Iterator[Callable[..., list[Any]]]:
    """`at_once(*work)` runs each callable in its own thread, starting together; returns their results."""
    pool = ThreadPoolExecutor(max_workers=8)

    def run(*work: Callable[[], Any]) -> list[Any]:
        begin = threading.Barrier(len(work))

        def one(verb: Callable[[], Any]) -> Any:
            begin.wait()
            try:
                return verb()
            finally:
                connection.close()

        return [future.result(60) for future in [pool.submit(one, verb) for verb in work]]

    yield run
    pool.shutdown()


def talking(scenario: Scenario, *, reply: ReplyStatus, ended: bool = False) -> tuple[PracticeSession, Turn, Turn]:
    """A session, a trainee's turn under transcription, and the reply to it."""
    now = datetime.now(UTC)
    session = PracticeSession.objects.create(
        user_id="pilot-user",
        scenario=scenario,
        scenario_title=scenario.title,
        brief={},
        language="en",
        status=SessionStatus.ENDED if ended else SessionStatus.ACTIVE,
        termination_reason=Reason.MANUAL if ended else "",
        client_session_started_at=now,
        created_at=now,
        started_at=now,
        sorted_at=now,
        ended_at=now if ended else None,
        duration_deadline=now + timedelta(minutes=5),
        idle_limit_seconds=60,
        duration_limit_seconds=300,
    )
    said = Turn.objects.create(
        session=session,
        sequence=1,
        speaker=Speaker.TRAINEE,
        asr_status=AsrStatus.PENDING,
        asr_next_attempt_at=now,
        audio=audio.keep(MP3, duration_ms=500, now=now),
        created_at=now,
    )
    answer = Turn.objects.create(
        session=session,
        sequence=2,
        speaker=Speaker.AI,
        reply_status=reply,
        lease_holder=HOLDER,
        lease_until=now + timedelta(minutes=1),
        reply_attempts=1,
        created_at=now,
    )
    return session, said, answer


def stored(turn: Turn) -> Any:
    spoken = Spoken("I am sorry about it.", bytearray(PCM))
    now = datetime.now(UTC)
    return store(turn.pk, SpokenReply(spoken, now, ReplyFinished()), holder=HOLDER, now=now)


def transcribed(turn: Turn) -> bool:
    return transcription.transcribe(turn.pk, Recogniser(), now=datetime.now(UTC))


def erased(session: PracticeSession) -> bool:
    return erasure.erase(session.pk, user_id=session.user_id, now=datetime.now(UTC)) is not None


@pytest.mark.parametrize("reply", [ReplyStatus.DUE, ReplyStatus.SPEAKING])
def test_an_interrupt_concurrent_with_a_stop(
    scenario: Scenario, at_once: Callable[..., list[Any]], reply: ReplyStatus
) -> None:
    def once() -> None:
        session, _said, answer = talking(scenario, reply=reply)
        now = datetime.now(UTC)
        at_once(
            lambda: barge_in.interrupt(session.pk, 2, heard_ms=100, now=now),
            lambda: session_end.stop(session, Reason.MANUAL, now=now),
            lambda: stored(answer),
            lambda: barge_in.finish_unheld(answer.pk, now=now),
        )
        session.refresh_from_db()
        assert session.termination_reason == Reason.MANUAL

    for _ in range(ROUNDS // 2):
        once()


def test_an_erasure_concurrent_with_everything_else(scenario: Scenario, at_once: Callable[..., list[Any]]) -> None:
    WebProcess.objects.create(pk=HOLDER, seen_at=datetime.now(UTC))

    def once() -> None:
        session, said, answer = talking(scenario, reply=ReplyStatus.SPEAKING)
        now = datetime.now(UTC)

        def opened() -> None:
            try:
                presence.opened(session.pk, HOLDER, now=now)
            except sessions.SessionUnknown:
                return

        results = at_once(
            lambda: erased(session),
            lambda: stored(answer),
            lambda: transcribed(said),
            lambda: session_end.end(session.pk, Reason.IDLE, now=now),
            lambda: barge_in.interrupt(session.pk, 2, heard_ms=100, now=now),
            lambda: idle_clock.begin(session.pk, 3, now=now),
            opened,
            lambda: audio_upload.upload_due(now),
        )
        assert results[0] is True

    for _ in range(ROUNDS):
        once()
    assert not PracticeSession.objects.exists()
    assert not Turn.objects.exists()
    assert not Evaluation.objects.exists()
    assert Erasure.objects.count() == ROUNDS


def test_an_erasure_concurrent_with_an_evaluation(scenario: Scenario, at_once: Callable[..., list[Any]]) -> None:
    def once() -> None:
        session, said, _answer = talking(scenario, reply=ReplyStatus.COMPLETE, ended=True)
        now = datetime.now(UTC)
        evaluation = Evaluation.objects.create(session=session, queued_at=now, next_attempt_at=now)
        claim = evaluation_queue.claim(evaluation.pk, now=now)
        assert claim
        at_once(
            lambda: evaluation_queue.complete(claim, SCORING, evaluation_queue.Cost(), unheard_turns=0, now=now),
            lambda: transcribed(said),
            lambda: erased(session),
            lambda: claim.lease.renew(now),
        )

    for _ in range(ROUNDS):
        once()
    assert not Evaluation.objects.exists()


def test_sweeps_of_several_processes_concurrent_with_ends_of_many_sessions(
    scenario: Scenario, at_once: Callable[..., list[Any]]
) -> None:
    def once() -> None:
        made = [talking(scenario, reply=ReplyStatus.SPEAKING) for _ in range(5)]
        PracticeSession.objects.update(had_socket=True)
        now = datetime.now(UTC)
        later = now + timedelta(minutes=2)

        def run_sweeps() -> None:
            presence.sweep(now=later)
            sweep.enforce(now=later)

        at_once(
            run_sweeps,
            run_sweeps,
            lambda: [erased(session) for session, _, _ in made],
            lambda: [stored(answer) for _, _, answer in reversed(made)],
            lambda: [transcribed(said) for _, said, _ in made],
            lambda: replies.renew([answer.pk for _, _, answer in made], holder=HOLDER, now=now),
            lambda: erasure.erase_all(user_id="pilot-user", now=now),
        )

    for _ in range(ROUNDS // 5):
        once()
    assert not PracticeSession.objects.exists()

"""Creates a realistic, untidy month of practice; a seed makes every run the same."""

import random
from datetime import datetime, timedelta
from typing import Any

from coach.model_use.models import ModelUse
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import Evaluation
from history.models import Visit
from practice.lifecycle import AsrStatus, Reason, ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Scenario, Turn

DAYS = 33
"""A little more than the longest reporting period, so that something has to be left out."""
ENDS = [Reason.MANUAL, Reason.IDLE, Reason.DURATION, Reason.OBJECTIVE_MET, Reason.QA_ERROR]


def practised(scenario: Scenario, count: int, *, now: datetime, seed: int = 7) -> None:
    """Create `count` sessions with turns, evaluations, page visits and model use, before `now`."""
    dice = random.Random(seed)
    sessions = [_session(scenario, dice, now) for _ in range(count)]
    PracticeSession.objects.bulk_create(sessions, batch_size=500)
    Turn.objects.bulk_create(
        [turn for session in sessions for turn in _turns(session, dice)],
        batch_size=500,
    )
    ended = [session for session in sessions if session.ended_at]
    Evaluation.objects.bulk_create([_evaluation(session, dice, now) for session in ended], batch_size=500)
    opened = [session for session in ended if dice.random() < 0.6]
    Visit.objects.bulk_create([_visit(session, dice, now) for session in opened], batch_size=500)
    ModelUse.objects.bulk_create([use for session in sessions for use in _uses(session, dice)], batch_size=500)


def _session(scenario: Scenario, dice: random.Random, now: datetime) -> PracticeSession:
    started = now - timedelta(seconds=dice.uniform(60, DAYS * 86_400))
    stuck = dice.random() < 0.01
    length = timedelta(seconds=dice.uniform(5, 600))
    ended = None if stuck or started + length > now else started + length
    slow = dice.random() < 0.06
    return PracticeSession(
        user_id="pilot-user",
        scenario=scenario,
        scenario_title=scenario.title,
        brief={},
        language="en",
        status=SessionStatus.ENDED if ended else SessionStatus.ACTIVE,
        termination_reason=dice.choice(ENDS) if ended else "",
        termination_latency_ms=None
        if not ended or dice.random() < 0.02
        else dice.randint(2_001, 9_000)
        if slow
        else dice.randint(0, 2_000),
        client_session_started_at=started,
        created_at=started,
        sorted_at=started,
        started_at=started,
        ended_at=ended,
        idle_limit_seconds=30,
        duration_limit_seconds=600,
        duration_deadline=started + timedelta(seconds=600),
    )


def _turns(session: PracticeSession, dice: random.Random) -> list[Turn]:
    lost = dice.random() < 0.04
    opening = Turn(
        session=session,
        sequence=0,
        speaker=Speaker.AI,
        reply_status=ReplyStatus.COMPLETE,
        transcript="Hello.",
        latency_ms=round(dice.lognormvariate(6.8, 0.6)),
        created_at=session.started_at,
    )
    words: dict[str, Any] = {"asr_status": AsrStatus.FAILED, "transcript": None}
    if not lost:
        words = {"asr_status": AsrStatus.COMPLETED, "transcript": "I need a date."}
    said = Turn(session=session, sequence=1, speaker=Speaker.TRAINEE, created_at=session.started_at, **words)
    given_up = dice.random() < 0.03
    answer = Turn(
        session=session,
        sequence=2,
        speaker=Speaker.AI,
        reply_status=ReplyStatus.FAILED if given_up else ReplyStatus.COMPLETE,
        transcript=None if given_up else "Friday.",
        latency_ms=None if given_up else round(dice.lognormvariate(6.8, 0.6)),
        created_at=session.started_at,
    )
    return [opening, said, answer]


def _evaluation(session: PracticeSession, dice: random.Random, now: datetime) -> Evaluation:
    assert session.ended_at
    completed = session.ended_at + timedelta(
        seconds=dice.choice([dice.uniform(1, 59), dice.uniform(1, 59), 60, 61, 300])
    )
    if completed > now:
        return Evaluation(session=session, queued_at=session.ended_at, next_attempt_at=session.ended_at)
    if dice.random() < 0.02:
        return Evaluation(
            session=session, queued_at=session.ended_at, status=EvaluationStatus.FAILED, last_error="No answer."
        )
    return Evaluation(
        session=session,
        queued_at=session.ended_at,
        status=EvaluationStatus.COMPLETED,
        completed_at=completed,
        summary="Well done.",
    )


def _visit(session: PracticeSession, dice: random.Random, now: datetime) -> Visit:
    assert session.ended_at
    at = min(now, session.ended_at + timedelta(seconds=dice.uniform(1, 86_400)))
    return Visit(session=session, step_count=dice.choice([1, 1, 2, 2, 2, 3, 5]), opened_at=at, last_seen_at=at)


def _uses(session: PracticeSession, dice: random.Random) -> list[ModelUse]:
    """Model use of the session; its days are in UTC."""
    assert session.started_at
    rows = []
    for endpoint, model, outcome in (
        ("roleplay", "talker", "ok"),
        ("asr", "talker", "ok" if dice.random() < 0.95 else "unavailable"),
        ("evaluator", "judge", "ok" if dice.random() < 0.98 else "misconfigured"),
    ):
        rows.append(
            ModelUse(
                day=session.started_at.date(),
                session_id=session.pk,
                endpoint=endpoint,
                model=model,
                outcome=outcome,
                calls=dice.randint(1, 9),
                input_tokens=dice.randint(100, 9_000),
                output_tokens=dice.randint(100, 900),
                cost=dice.randint(1, 10**10),
                last_at=session.started_at,
            )
        )
    return rows

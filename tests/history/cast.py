"""Creates past sessions, their lines and their feedback."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from evaluations.models import BehaviourResult, Evaluation, SkillScore
from practice.api import api_schemas
from practice.lifecycle import AsrStatus, Difficulty, Reason, ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Scenario, Turn

KINDS = {"names": "do", "asks": "do", "blames": "avoid"}
"""The behaviours that `scored` knows."""


def past_session(scenario: Scenario, **given: Any) -> PracticeSession:
    """An ended session that ran for `minutes` from `at`."""
    session = _ended(scenario, api_schemas.json(api_schemas.scenario(scenario)), **given)
    session.save(force_insert=True)
    return session


def past_sessions(scenarios: Sequence[Scenario], count: int, *, at: datetime) -> list[PracticeSession]:
    """Bulk-create `count` sessions an hour apart, oldest first, rotating through the scenarios."""
    hours = [at + timedelta(hours=number) for number in range(count)]
    made = [_ended(scenarios[number % len(scenarios)], {}, at=hour) for number, hour in enumerate(hours)]
    return PracticeSession.objects.bulk_create(made)


def _ended(
    scenario: Scenario,
    brief: dict[str, Any],
    *,
    at: datetime,
    user: str = "pilot-user",
    reason: Reason = Reason.MANUAL,
    minutes: int = 4,
    difficulty: Difficulty = Difficulty.REALISTIC,
) -> PracticeSession:
    return PracticeSession(
        difficulty=difficulty,
        user_id=user,
        scenario=scenario,
        scenario_title=scenario.title,
        brief=brief,
        language=scenario.language,
        status=SessionStatus.ENDED,
        termination_reason=reason,
        client_session_started_at=at,
        created_at=at,
        started_at=at,
        ended_at=at + timedelta(minutes=minutes),
        sorted_at=at,
        idle_limit_seconds=8,
        duration_limit_seconds=300,
        duration_deadline=at + timedelta(seconds=300),
    )


def said(session: PracticeSession, *lines: str | None) -> list[Turn]:
    """Store alternating lines of a session, the AI's first; None keeps the turn that exists."""
    mine = {"speaker": Speaker.TRAINEE, "asr_status": AsrStatus.COMPLETED}
    theirs = {"speaker": Speaker.AI, "reply_status": ReplyStatus.COMPLETE}
    at = session.sorted_at
    return Turn.objects.bulk_create(
        Turn(session=session, sequence=sequence, transcript=line, created_at=at, **(mine if sequence % 2 else theirs))
        for sequence, line in enumerate(lines)
        if line is not None
    )


def scored(session: PracticeSession, rating: int | None = 3, **answers: str | tuple[str, int]) -> PracticeSession:
    """Add feedback that has been opened; `answers` by behaviour, what was shown with its sequence (otherwise 1)."""
    at = session.sorted_at
    evaluation = Evaluation.objects.create(
        session=session, status="completed", queued_at=at, completed_at=at, attempts=1, summary="Told.", opened_at=at
    )
    score = SkillScore.objects.create(
        evaluation=evaluation, position=0, skill_id="skill", name="Feedback", rubric="", rating=rating, note="Seen.",
        without_evidence=False,
    )  # fmt: skip
    for position, (key, given) in enumerate(answers.items()):
        answer, sequence = (given, 1) if isinstance(given, str) else given
        shown = {"sequence": sequence, "quote": f"quote of {key} at {sequence}"} if answer == "shown" else {}
        BehaviourResult.objects.create(
            score=score, position=position, key=key, text=f"Behaviour {key}", kind=KINDS[key], answer=answer, **shown
        )
    return session

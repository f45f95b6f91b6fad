"""Sessions to look at: one with feedback, one whose feedback failed, one that waits for it, one that goes on."""

from datetime import UTC, datetime, timedelta

from practice.lifecycle import AsrStatus, ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Scenario, Turn
from tests.history.cast import past_session

LINES = [
    "Hey. They gave us the broom cupboard again? What is this about?",
    "On Friday the billing report came three days late, and Lena sat until eleven to close the month.",
    "Everyone is late here. I said I was nearly there.",
    "How are you, really?",
    "Honestly? I do not sleep much. I have been taking support calls since September.",
    "Then let us take those calls off you, and on Monday morning you tell me which date is in danger.",
]


def stock(scenario: Scenario, now: datetime | None = None) -> dict[str, PracticeSession]:
    now = now or datetime.now(UTC)
    made = {
        name: past_session(scenario, at=now - timedelta(days=days))
        for days, name in enumerate(("scored", "failed", "waiting"), start=1)
    }
    made["active"] = past_session(scenario, at=now - timedelta(seconds=5))
    PracticeSession.objects.filter(pk=made["active"].pk).update(
        status=SessionStatus.ACTIVE, ended_at=None, termination_reason="", duration_deadline=now + timedelta(hours=1)
    )
    for session in made.values():
        _speak(session)
    last = Turn.objects.get(session=made["failed"], sequence=5)
    Turn.objects.filter(pk=last.pk).update(transcript=None, asr_status=AsrStatus.FAILED)
    _evaluate(made, now)
    return made


def _speak(session: PracticeSession) -> None:
    for sequence, line in enumerate(LINES):
        said = (
            {"speaker": Speaker.TRAINEE, "asr_status": AsrStatus.COMPLETED}
            if sequence % 2
            else {"speaker": Speaker.AI, "reply_status": ReplyStatus.COMPLETE}
        )
        begun = session.sorted_at + timedelta(seconds=20 * sequence)
        Turn.objects.create(
            session=session,
            sequence=sequence,
            transcript=line,
            created_at=begun,
            started_at=begun,
            ended_at=begun + timedelta(seconds=9),
            **said,
        )


def _evaluate(made: dict[str, PracticeSession], now: datetime) -> None:
    from evaluations.models import CriterionResult, Evaluation, Evidence, SkillScore

    scored = Evaluation.objects.create(
        session=made["scored"],
        status="completed",
        queued_at=now,
        completed_at=now,
        attempts=1,
        tries_in_a_row=1,
        evaluator_model="local-text",
        scored_locally=True,
        summary="You named what happened and stayed with the person.",
        strengths="You gave a date, a report and what it led to.",
        gaps="The agreement came fast; check whether Sam heard it the same way.",
    )
    skills = made["scored"].scenario.ordered_skills()
    for position, (skill, rating) in enumerate(zip(skills, (5, 2), strict=False)):
        score = SkillScore.objects.create(
            evaluation=scored,
            position=position,
            skill_id=skill.pk,
            name=skill.name,
            rubric=skill.rubric,
            rating=rating,
            note="You said it once and asked how Sam is.",
            try_instead="What would you need to tell me on Monday?",
            without_evidence=rating == 2,
        )
        if rating == 5:
            Evidence.objects.create(score=score, position=0, sequence=3, quote="How are you, really?")
    for position, criterion in enumerate(made["scored"].scenario.end_criteria):
        CriterionResult.objects.create(
            evaluation=scored,
            position=position,
            criterion=criterion,
            met=not position,
            sequence=None if position else 5,
        )
    Evaluation.objects.create(
        session=made["failed"],
        status="failed",
        queued_at=now,
        attempts=3,
        tries_in_a_row=3,
        last_error="The evaluator did not answer.",
    )
    Evaluation.objects.create(session=made["waiting"], status="pending", queued_at=now, next_attempt_at=now)

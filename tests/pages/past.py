"""Past sessions of every kind: feedback of the old shape and by behaviours, unread, failed, waiting, active; a redo."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from coach.storage import audio
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
        for days, name in enumerate(("scored", "failed", "waiting", "read", "unread"), start=1)
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
    for name in ("read", "unread"):
        _behave(made[name], now, opened=name == "read")
    return made


def _speak(session: PracticeSession, lines: Sequence[str] = LINES) -> None:
    for sequence, line in enumerate(lines):
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


BEHAVIOURS = (
    ("names-it", "Names when it happened and what happened", "do"),
    ("cost", "Say what it led to, and for whom", "do"),
    ("asks", "Asks what is behind it", "do"),
    ("offers", "Offers something of one's own", "do"),
    ("checks", "Checks that both mean the same", "do"),
    ("labels", "Put a label on the person instead of describing what they did", "avoid"),
)
ANSWERS = (
    {
        "names-it": ("shown", 1, "On Friday the billing report came three days late"),
        "cost": ("shown", 1, "Lena sat until eleven to close the month"),
        "asks": ("shown", 3, "How are you, really?"),
        "offers": ("shown", 5, "let us take those calls off you"),
        "checks": ("unsure", None, ""),
        "labels": ("notShown", None, ""),
    },
    {
        "names-it": ("shown", 5, "on Monday morning you tell me which date is in danger"),
        "cost": ("notShown", None, ""),
        "asks": ("notShown", None, ""),
        "offers": ("notApplicable", None, ""),
        "checks": ("notShown", None, ""),
        "labels": ("shown", 1, "Lena sat until eleven"),
    },
)
REDONE_LINES = [
    *LINES[:3],
    "The report came on Friday, three days late, and Lena had to close the month alone. What got in the way?",
    "Support calls. Every day since September.",
    "I will take the calls off you until the release. What will you tell me on Monday, in your words?",
]
REDONE_ANSWERS = (
    ANSWERS[0]
    | {
        "asks": ("shown", 3, "What got in the way?"),
        "offers": ("notShown", None, ""),
        "checks": ("shown", 5, "What will you tell me on Monday, in your words?"),
    },
    ANSWERS[1]
    | {
        "names-it": ("shown", 3, "The report came on Friday, three days late"),
        "cost": ("shown", 3, "Lena had to close the month alone"),
        "asks": ("notApplicable", None, ""),
        "offers": ("shown", 5, "I will take the calls off you until the release"),
    },
)


def redone(original: PracticeSession) -> PracticeSession:
    """A redo from the second line on, with feedback, in which some behaviours got better and some worse."""
    now = original.sorted_at + timedelta(hours=1)
    session = past_session(original.scenario, at=now)
    PracticeSession.objects.filter(pk=session.pk).update(continues_from=original, continues_at=3)
    _speak(session, REDONE_LINES)
    _behave(session, now, opened=True, answers=REDONE_ANSWERS)
    return session


def _behave(
    session: PracticeSession, now: datetime, *, opened: bool, answers: tuple[dict[str, Any], ...] = ANSWERS
) -> None:
    """Add feedback by behaviours; `opened`: with the trainee's own view and an answered dispute."""
    from evaluations.models import BehaviourResult, CriterionResult, Dispute, Evaluation, SelfAssessment, SkillScore

    skills = session.scenario.ordered_skills()
    stored = [{"key": key, "text": text, "kind": kind, "shown": [], "notShown": []} for key, text, kind in BEHAVIOURS]
    PracticeSession.objects.filter(pk=session.pk).update(
        behaviours={skill.pk: stored for skill in skills}, objective_status="succeeded", difficulty="realistic"
    )
    for turn in session.turns.all():
        turn.audio = audio.keep(b"\xff\xf3 spoken", duration_ms=9_000, now=now)
        if turn.speaker == Speaker.TRAINEE:
            turn.delivery = {
                "durationMs": 9_000,
                "leadMs": 300,
                "speakingMs": 8_200,
                "pauses": [[3_000, 4_600]] if turn.sequence == 1 else [],
                "words": 18,
                "questions": int(turn.sequence == 3),
                "fillers": int(turn.sequence == 5),
            }
        turn.save()
    session.turns.filter(sequence=4).update(interrupted=True)
    session.turns.filter(sequence=5).update(doubtful=[[14, 25]])
    evaluation = Evaluation.objects.create(
        session=session,
        status="completed",
        queued_at=now,
        completed_at=now,
        attempts=1,
        tries_in_a_row=1,
        evaluator_model="judge",
        summary="You named what happened and stayed with Sam when it got close.",
        strengths="You gave a date, a report and what it led to.",
        gaps="The agreement came fast; check whether Sam heard it the same way.",
        agreed=11,
        agreed_of=12,
        doors=["Sam would have told you about the support calls earlier, had you asked what gets in the way."],
        opened_at=now if opened else None,
        transcript_read_at=now,
    )
    for position, (skill, rating, given) in enumerate(zip(skills, (5, 2), answers, strict=False)):
        step = {
            "key": "checks",
            "sequence": 5,
            "quote": "on Monday morning you tell me which date is in danger",
            "why": "Sam said yes to nothing yet: you do not know what Sam heard.",
            "line": "Before we stop: what will you tell me on Monday, in your words?",
            "isExample": False,
        }
        score = SkillScore.objects.create(
            evaluation=evaluation,
            position=position,
            skill_id=skill.pk,
            name=skill.name,
            rubric=skill.rubric,
            rating=rating,
            note="You said it once and asked how Sam is.",
            without_evidence=False,
            next_step=step if rating == 2 else None,
        )
        for place, (key, text, kind) in enumerate(BEHAVIOURS):
            answer, sequence, quote = given[key]
            BehaviourResult.objects.create(
                score=score,
                position=place,
                key=key,
                text=text,
                kind=kind,
                answer=answer,
                sequence=sequence,
                quote=quote,
            )
    for position, criterion in enumerate(session.scenario.end_criteria):
        met = not position
        CriterionResult.objects.create(
            evaluation=evaluation, position=position, criterion=criterion, met=met, sequence=5 if met else None
        )
    if not opened:
        return
    SelfAssessment.objects.create(
        session=session,
        answers=[
            {"skillId": skill.pk, "key": key, "answer": "did" if not place else "unknown"}
            for place, skill in enumerate(skills)
            for key, _text, kind in BEHAVIOURS
            if kind == "do"
        ],
        note="Ask earlier what is going on.",
        created_at=now,
        updated_at=now,
    )
    about = {"evaluation": evaluation, "skill_id": skills[1].pk, "created_at": now}
    Dispute.objects.create(key="asks", answer="notShown", reason="I asked how Sam is, in my second line.", **about)
    Dispute.objects.create(
        key="cost",
        answer="notShown",
        reason="I said that Lena sat until eleven.",
        overruled_answer="shown",
        overruled_reason="That is what it led to.",
        overruled_by="curator",
        overruled_at=now,
        **about,
    )

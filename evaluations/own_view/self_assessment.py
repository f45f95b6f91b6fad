"""The trainee's self-assessment, asked for before they see the scores."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from coach.edge.timestamps import iso
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import Evaluation, SelfAssessment, SkillScore
from practice.models import PracticeSession
from practice.sessions import SessionUnknown

ANSWERS = ("did", "didNot", "unknown")


class ScoresWereOpened(Exception):
    """The trainee has seen the scores, so an answer now would no longer be independent of them."""


class UnknownBehaviour(Exception):
    """An answer names a behaviour that this session does not look for, or the same one twice. `at` counts from 0."""

    def __init__(self, at: int, *, repeated: bool) -> None:
        self.at = at
        self.repeated = repeated
        super().__init__(f"answers[{at}]")


def put(session: PracticeSession, answers: Sequence[dict[str, str]], note: str, *, now: datetime) -> SelfAssessment:
    """Store it, replacing an earlier one. Raises ScoresWereOpened and UnknownBehaviour."""
    asked = {(skill_id, each["key"]) for skill_id, behaviours in session.behaviours.items() for each in behaviours}
    seen: set[tuple[str, str]] = set()
    for at, answer in enumerate(answers):
        named = (answer["skillId"], answer["key"])
        if named not in asked or named in seen:
            raise UnknownBehaviour(at, repeated=named in seen)
        seen.add(named)
    with transaction.atomic():
        # Waits for a request that is opening the scores right now.
        if PracticeSession.objects.locked(session.pk) is None:
            raise SessionUnknown(session.pk)
        evaluation = Evaluation.objects.filter(session=session).first()
        if evaluation is not None and evaluation.opened_at is not None:
            raise ScoresWereOpened
        kept, _created = SelfAssessment.objects.update_or_create(
            session=session,
            defaults={"answers": list(answers), "note": note, "updated_at": now},
            create_defaults={"answers": list(answers), "note": note, "created_at": now, "updated_at": now},
        )
    return kept


def scores_opened(evaluation: Evaluation, *, now: datetime) -> None:
    """The trainee asked to see an evaluation; counts the first time that it is completed or has scores."""
    there = Q(status=EvaluationStatus.COMPLETED) | Exists(SkillScore.objects.filter(evaluation=OuterRef("pk")))
    unopened = Evaluation.objects.filter(there, pk=evaluation.pk, opened_at=None)
    if unopened.exists():
        with transaction.atomic():
            PracticeSession.objects.locked(evaluation.session_id)
            unopened.update(opened_at=now)


def of_session(session_id: str) -> dict[str, Any] | None:
    """As in the API; None if there is none."""
    kept = SelfAssessment.objects.filter(session_id=session_id).first()
    return shape_of(kept) if kept else None


def shape_of(kept: SelfAssessment) -> dict[str, Any]:
    return {
        "sessionId": kept.session_id,
        "answers": kept.answers,
        "note": kept.note or None,
        "createdAt": iso(kept.created_at),
        "updatedAt": iso(kept.updated_at),
    }

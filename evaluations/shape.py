"""An evaluation as the API, the socket and the mirror show it (protocol.md, "Evaluation")."""

from collections.abc import Iterable, Mapping
from typing import Any

from coach.edge.moments import iso
from evaluations.models import Evaluation
from practice.ports import EvaluationBrief

WHOLE = ("scores__evidence", "criteria")
"""What to prefetch for `of`."""


def of(evaluation: Evaluation) -> dict[str, Any]:
    """All of it; `scores` is empty until it is completed."""
    return {
        "id": evaluation.pk,
        "sessionId": evaluation.session_id,
        "status": evaluation.status,
        "scores": [
            {
                "skillId": score.skill_id,
                "name": score.name,
                "rubric": score.rubric,
                "rating": score.rating,
                "note": score.note,
                "tryInstead": score.try_instead or None,
                "evidence": [{"sequence": quote.sequence, "quote": quote.quote} for quote in score.evidence.all()],
            }
            for score in evaluation.scores.all()
        ],
        "summary": evaluation.summary or None,
        "strengths": evaluation.strengths or None,
        "gaps": evaluation.gaps or None,
        "criteria": [
            {"criterion": result.criterion, "met": result.met, "sequence": result.sequence}
            for result in evaluation.criteria.all()
        ],
        "evaluatorModel": evaluation.evaluator_model or None,
        "scoredLocally": evaluation.scored_locally,
        "attempts": evaluation.attempts,
        "lastError": evaluation.last_error or None,
        "queuedAt": iso(evaluation.queued_at),
        "completedAt": iso(evaluation.completed_at) if evaluation.completed_at else None,
    }


def of_session(session_id: str) -> dict[str, Any] | None:
    """The shape of the session's evaluation; None where it has none (yet)."""
    evaluation = Evaluation.objects.filter(session_id=session_id).prefetch_related(*WHOLE).first()
    return of(evaluation) if evaluation else None


def briefs(session_ids: Iterable[str]) -> Mapping[str, EvaluationBrief]:
    """Id and status by session; one query."""
    rows = Evaluation.objects.filter(session_id__in=list(session_ids)).values_list("session_id", "pk", "status")
    return {session_id: EvaluationBrief(id=pk, status=status) for session_id, pk, status in rows}

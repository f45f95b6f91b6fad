"""Evaluations as LeanCloud objects."""

from collections.abc import Mapping
from typing import Any

from coach.storage.leancloud.records import (
    Broken,
    MirroredClass,
    Refs,
    Source,
    moment,
    plain,
    reference,
    register,
    text,
    time,
)
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import CriterionResult, Evaluation, Evidence, SkillScore

OF_AN_EVALUATION = "(SELECT session_id FROM evaluations_evaluation WHERE id = {row}.evaluation_id)"
INTERRUPTED = "It was being scored when it was brought here."


def _outward(evaluation: Evaluation, refs: Refs) -> dict[str, Any]:
    return {
        "scores": [
            {
                "skillId": refs.remote_or_none("Skill", score.skill_id) or score.skill_id,
                "name": score.name,
                "rubric": score.rubric,
                "rating": score.rating,
                "note": score.note,
                "tryInstead": score.try_instead,
                "withoutEvidence": score.without_evidence,
                "evidence": [{"sequence": found.sequence, "quote": found.quote} for found in score.evidence.all()],
            }
            for score in evaluation.scores.all()
        ],
        "criteria": [
            {"criterion": result.criterion, "met": result.met, "sequence": result.sequence}
            for result in evaluation.criteria.all()
        ],
    }


def _fill(attributes: dict[str, Any], body: Mapping[str, Any], refs: Refs) -> None:
    """What was running there is nobody's job here: it has failed, and may be asked for again."""
    if attributes.get("queued_at") is None:
        attributes["queued_at"] = moment("createdAt", body.get("createdAt"))
    if attributes["queued_at"] is None:
        raise Broken("queuedAt: is missing")
    status = attributes.get("status")
    if status in (EvaluationStatus.PENDING, EvaluationStatus.RUNNING):
        attributes |= {"status": EvaluationStatus.FAILED, "last_error": INTERRUPTED, "completed_at": None}
    if status == EvaluationStatus.FAILED:
        attributes |= {"last_error": attributes.get("last_error") or INTERRUPTED, "completed_at": None}
    if status == EvaluationStatus.COMPLETED:
        attributes["last_error"] = ""
        attributes["completed_at"] = attributes.get("completed_at") or moment("updatedAt", body.get("updatedAt"))
    attributes["tries_in_a_row"] = min(attributes.get("tries_in_a_row") or 0, attributes.get("attempts") or 0)


def _finish(evaluation: Evaluation, body: Mapping[str, Any], refs: Refs) -> None:
    scores = body.get("scores") or []
    criteria = body.get("criteria") or []
    try:
        evaluation.scores.all().delete()
        evaluation.criteria.all().delete()
        for place, given in enumerate(scores):
            score = SkillScore.objects.create(
                evaluation=evaluation,
                position=place,
                skill_id=_skill(given["skillId"], refs),
                name=str(given.get("name") or "")[:120],
                rubric=str(given.get("rubric") or ""),
                rating=int(given["rating"]),
                note=str(given.get("note") or "—"),
                try_instead=str(given.get("tryInstead") or ""),
                without_evidence=not given.get("evidence"),
            )
            Evidence.objects.bulk_create(
                [
                    Evidence(score=score, position=number, sequence=int(found["sequence"]), quote=str(found["quote"]))
                    for number, found in enumerate(given.get("evidence") or [])
                ]
            )
        CriterionResult.objects.bulk_create(
            [
                CriterionResult(
                    evaluation=evaluation,
                    position=place,
                    criterion=str(given["criterion"]),
                    met=bool(given["met"]),
                    sequence=given.get("sequence"),
                )
                for place, given in enumerate(criteria)
            ]
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Broken("scores: not of the documented shape") from None


def _skill(remote_id: Any, refs: Refs) -> str:
    """A score outlives its skill: where that is gone, the id stays as it was."""
    try:
        return refs.local("Skill", str(remote_id))
    except Broken:
        return str(remote_id)[:40]


MIRRORED = (
    MirroredClass(
        name="Evaluation",
        model=Evaluation,
        fields=(
            reference("sessionId", "session_id", "PracticeSession"),
            plain("status", "status"),
            text("summary", "summary"),
            text("evaluatorModel", "evaluator_model"),
            plain("attempts", "attempts"),
            text("lastError", "last_error"),
            time("queuedAt", "queued_at"),
            time("completedAt", "completed_at"),
        ),
        derived=frozenset({"scores", "criteria"}),
        transient=frozenset({"try_counted", "next_attempt_at", "woken_at", "claim", "claimed_until"}),
        sources=(
            Source(
                "evaluations_evaluation",
                record="{row}.id",
                session="{row}.session_id",
                columns=("status", "attempts", "last_error", "completed_at", "summary"),
            ),
            Source("evaluations_skillscore", record="{row}.evaluation_id", session=OF_AN_EVALUATION),
        ),
        more_outward=_outward,
        fill=_fill,
        finish=_finish,
        told_again=("PracticeSession", "session_id"),
        changed_at=lambda evaluation: evaluation.completed_at or evaluation.queued_at,
        prefetch=("scores__evidence", "criteria"),
    ),
)


def plug_in() -> None:
    register(MIRRORED)

"""An evaluation as shown by API, socket and mirror."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from coach.edge.timestamps import Moment, iso
from evaluations import models
from evaluations.page import delivery_figures
from practice.api.api_fields import Id, Text
from practice.catalog.behaviours import KEY_MAX
from practice.ports import EvaluationBrief


class Evidence(Schema):
    sequence: int
    quote: str


class Overruling(Schema):
    answer: str
    reason: str
    overruledAt: Moment


class Dispute(Schema):
    skillId: str
    key: str
    answer: str
    reason: str
    createdAt: Moment
    overruled: Overruling | None


class BehaviourFinding(Schema):
    """`dispute`: the latest; `disputed`: whether it is about this `answer`, not about that of an earlier reading."""

    key: str
    text: str
    kind: str
    answer: str
    sequence: int | None
    quote: str | None
    disputed: bool
    dispute: Dispute | None


class NextStep(Schema):
    """A better line for the most valuable behaviour; `isExample`: written by a curator for another situation."""

    key: str
    sequence: int | None
    quote: str | None
    why: str
    line: str
    isExample: bool


class Score(Schema):
    """`rating` is null if there was no occasion. `behaviours` is empty in an evaluation of the old form."""

    skillId: str
    name: str
    rubric: str
    rating: int | None
    note: str
    tryInstead: str | None
    evidence: list[Evidence]
    behaviours: list[BehaviourFinding]
    next: NextStep | None


class Criterion(Schema):
    criterion: str
    met: bool
    sequence: int | None


class Agreement(Schema):
    agreed: int
    of: int


class Door(Schema):
    hint: str


class Delivery(Schema):
    """`usual`: figure → [low, high] of the trainee's latest sessions, null before there are five."""

    wordsPerMinute: int | None
    unit: str
    pauses: int
    longestPauseMs: int
    timeToAnswerMs: int | None
    longestMonologueMs: int
    shareOfTalk: float | None
    questions: int
    fillers: int
    usual: dict[str, list[float]] | None
    strip: list[dict[str, Any]]


class Evaluation(Schema):
    """`criteria`, `agreement`, `doors` and `delivery` are null in an evaluation of the old form."""

    id: str
    sessionId: str
    status: str
    scores: list[Score]
    summary: str | None
    strengths: str | None
    gaps: str | None
    criteria: list[Criterion] | None
    agreement: Agreement | None
    doors: list[Door] | None
    delivery: Delivery | None
    evaluatorModel: str | None
    scoredLocally: bool
    attempts: int
    lastError: str | None
    queuedAt: Moment
    completedAt: Moment | None


class SelfAnswer(Schema):
    skillId: Id
    key: Annotated[Text, Field(max_length=KEY_MAX)]
    answer: Literal["did", "didNot", "unknown"]


class SelfAssessment(Schema):
    sessionId: str
    answers: list[SelfAnswer]
    note: str | None
    createdAt: Moment
    updatedAt: Moment


WHOLE = ("scores__evidence", "scores__behaviours", "criteria", "disputes")
"""What to prefetch for `of`."""


def of(evaluation: models.Evaluation) -> dict[str, Any]:
    """The whole evaluation. Fields that the old form lacked are null.

    `scores` is empty until it is completed; while it is read again, they are those of the earlier reading.
    """
    old = evaluation.shape == models.RATED_BY_RUBRIC
    disputes = {(each.skill_id, each.key): each for each in evaluation.disputes.all()}
    agreed = evaluation.agreed_of and {"agreed": evaluation.agreed, "of": evaluation.agreed_of}
    criteria = [
        {"criterion": result.criterion, "met": result.met, "sequence": result.sequence}
        for result in evaluation.criteria.all()
    ]
    return {
        "id": evaluation.pk,
        "sessionId": evaluation.session_id,
        "status": evaluation.status,
        "scores": [_score(score, disputes) for score in evaluation.scores.all()],
        "summary": evaluation.summary or None,
        "strengths": evaluation.strengths or None,
        "gaps": evaluation.gaps or None,
        "criteria": None if old else criteria,
        "agreement": agreed or None,
        "doors": None if old else [{"hint": hint} for hint in evaluation.doors],
        "delivery": None if old else delivery_figures.of_session(evaluation.session_id),
        "evaluatorModel": evaluation.evaluator_model or None,
        "scoredLocally": evaluation.scored_locally,
        "attempts": evaluation.attempts,
        "lastError": evaluation.last_error or None,
        "queuedAt": iso(evaluation.queued_at),
        "completedAt": iso(evaluation.completed_at) if evaluation.completed_at else None,
    }


def of_session(session_id: str) -> dict[str, Any] | None:
    """The session's evaluation as JSON; None if it has none (yet)."""
    evaluation = models.Evaluation.objects.filter(session_id=session_id).prefetch_related(*WHOLE).first()
    return of(evaluation) if evaluation else None


def dispute(record: models.Dispute) -> dict[str, Any]:
    """`overruled`: the curator's answer and reason; null if there is none."""
    overruled = record.overruled_answer and {
        "answer": record.overruled_answer,
        "reason": record.overruled_reason,
        "overruledAt": iso(record.overruled_at) if record.overruled_at else None,
    }
    return {
        "skillId": record.skill_id,
        "key": record.key,
        "answer": record.answer,
        "reason": record.reason,
        "createdAt": iso(record.created_at),
        "overruled": overruled or None,
    }


def briefs(session_ids: Iterable[str]) -> Mapping[str, EvaluationBrief]:
    """Id and status by session; one query."""
    rows = models.Evaluation.objects.filter(session_id__in=list(session_ids)).values_list("session_id", "pk", "status")
    return {session_id: EvaluationBrief(id=pk, status=status) for session_id, pk, status in rows}


def _score(score: models.SkillScore, disputes: Mapping[tuple[str, str], models.Dispute]) -> dict[str, Any]:
    behaviours = list(score.behaviours.all())
    quotes = [{"sequence": quote.sequence, "quote": quote.quote} for quote in score.evidence.all()]
    quotes += [{"sequence": each.sequence, "quote": each.quote} for each in behaviours if each.sequence is not None]
    return {
        "skillId": score.skill_id,
        "name": score.name,
        "rubric": score.rubric,
        "rating": score.rating,
        "note": score.note,
        "tryInstead": score.try_instead or None,
        "evidence": quotes,
        "behaviours": [_behaviour(each, disputes.get((score.skill_id, each.key))) for each in behaviours],
        "next": score.next_step,
    }


def _behaviour(result: models.BehaviourResult, disputed: models.Dispute | None) -> dict[str, Any]:
    return {
        "key": result.key,
        "text": result.text,
        "kind": result.kind,
        "answer": result.answer,
        "sequence": result.sequence,
        "quote": result.quote or None,
        "disputed": disputed is not None and disputed.answer == result.answer,
        "dispute": dispute(disputed) if disputed else None,
    }

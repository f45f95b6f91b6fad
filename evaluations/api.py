"""Evaluations over the JSON API: looking never evaluates."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema, Status

from coach import clock, identity
from coach.edge.moments import Moment
from coach.edge.problems import Problem
from evaluations import shape
from evaluations.models import Evaluation as Record
from evaluations.requeue import requeue
from practice import sessions as verbs
from practice.api import sessions
from practice.lifecycle import SessionStatus


class Evidence(Schema):
    sequence: int
    quote: str


class Score(Schema):
    skillId: str
    name: str
    rubric: str
    rating: int
    note: str
    tryInstead: str | None
    evidence: list[Evidence]


class Criterion(Schema):
    criterion: str
    met: bool
    sequence: int | None


class Evaluation(Schema):
    id: str
    sessionId: str
    status: str
    scores: list[Score]
    summary: str | None
    strengths: str | None
    gaps: str | None
    criteria: list[Criterion]
    evaluatorModel: str | None
    scoredLocally: bool
    attempts: int
    lastError: str | None
    queuedAt: Moment
    completedAt: Moment | None


@sessions.get("/{session_id}/evaluation", response=Evaluation, summary="The evaluation of an ended session")
def read_evaluation(request: HttpRequest, session_id: str) -> Any:
    return shape.of(_record(session_id))


@sessions.post(
    "/{session_id}/evaluation",
    response={202: Evaluation, 409: Evaluation},
    summary="Ask for a failed evaluation again",
)
def evaluate_again(request: HttpRequest, session_id: str) -> Any:
    moved = requeue(_record(session_id), now=clock.now())
    return Status(202 if moved else 409, shape.of(_record(session_id)))


def _record(session_id: str) -> Record:
    session = verbs.get(session_id, user_id=identity.trainee())
    record = Record.objects.filter(session=session).prefetch_related(*shape.WHOLE).first()
    if record is None and session.status != SessionStatus.ENDED:
        raise Problem(404, _("This session has not ended yet. Its evaluation follows when it has."))
    if record is None:
        raise Problem(404, _("This session has no evaluation: it never became active."))
    return record

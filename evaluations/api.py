"""Evaluations over the JSON API. Reading never starts an evaluation."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema, Status
from pydantic import Field

from coach import clock, identity
from coach.edge.problems import Problem
from evaluations import evaluation_schema as schema
from evaluations.models import REASON_MAX, Evaluation
from evaluations.own_view import disputes, self_assessment
from evaluations.requeue import read_again, requeue
from practice import sessions as verbs
from practice.api.api_fields import Id, Said, Text
from practice.api.session_api import sessions
from practice.catalog.behaviours import KEY_MAX
from practice.lifecycle import SessionStatus

ANSWERS_MAX = 400
"""More than any scenario has behaviours."""


class SelfAssessmentBody(Schema):
    answers: Annotated[list[schema.SelfAnswer], Field(max_length=ANSWERS_MAX)]
    note: Annotated[Text, Field(max_length=REASON_MAX)] | None = None


class DisputeBody(Schema):
    skillId: Id
    key: Annotated[Text, Field(max_length=KEY_MAX)]
    reason: Annotated[Said, Field(max_length=REASON_MAX)]


@sessions.get("/{session_id}/evaluation", response=schema.Evaluation, summary="Get the evaluation of an ended session")
def read_evaluation(request: HttpRequest, session_id: str) -> Any:
    """Reading a completed one opens the scores: after that no self-assessment is accepted."""
    record = _record(session_id)
    if not getattr(request, "is_head", False):
        self_assessment.scores_opened(record, now=clock.now())
    return schema.of(record)


@sessions.post(
    "/{session_id}/evaluation",
    response={202: schema.Evaluation, 409: schema.Evaluation},
    summary="Retry a failed evaluation",
)
def evaluate_again(request: HttpRequest, session_id: str) -> Any:
    """Also starts a new reading of a completed evaluation if a line was corrected or transcribed since."""
    record = _record(session_id)
    moved = requeue(record, now=clock.now()) or read_again(record, now=clock.now())
    return Status(202 if moved else 409, schema.of(_record(session_id)))


@sessions.put(
    "/{session_id}/self-assessment",
    response=schema.SelfAssessment,
    summary="Assess yourself before you see the ratings",
)
def assess_oneself(request: HttpRequest, session_id: str, body: SelfAssessmentBody) -> Any:
    session = verbs.get(session_id, user_id=identity.trainee())
    answers = [answer.model_dump() for answer in body.answers]
    try:
        kept = self_assessment.put(session, answers, (body.note or "").strip(), now=clock.now())
    except self_assessment.ScoresWereOpened:
        detail = _("You've already seen this session's scores: your own view can only be given before that.")
        raise Problem(409, detail) from None
    except self_assessment.UnknownBehaviour as error:
        words = _("This behaviour is answered twice.") if error.repeated else _("This session isn't rated on this.")
        raise Problem(
            422,
            _("Correct the fields named and send it again."),
            errors=[{"field": f"answers[{error.at}].key", "message": words}],
        ) from None
    return self_assessment.shape_of(kept)


@sessions.post(
    "/{session_id}/evaluation/disputes",
    response={201: schema.Dispute},
    summary="Dispute one behaviour",
)
def dispute_behaviour(request: HttpRequest, session_id: str, body: DisputeBody) -> Any:
    record = _record(session_id)
    try:
        kept = disputes.raise_dispute(record, skill_id=body.skillId, key=body.key, reason=body.reason, now=clock.now())
    except disputes.NotDisputable:
        detail = _("Only behaviours of a finished evaluation can be disputed, and this one has none (yet).")
        raise Problem(409, detail) from None
    except disputes.AlreadyAnswered:
        raise Problem(409, _("A reviewer has answered this already, so what you wrote stays as it is.")) from None
    except disputes.NothingToDispute:
        raise Problem(404, _("This evaluation has no such behaviour. Take skillId and key from its scores.")) from None
    return Status(201, schema.dispute(kept))


def _record(session_id: str) -> Evaluation:
    session = verbs.get(session_id, user_id=identity.trainee())
    record = Evaluation.objects.filter(session=session).prefetch_related(*schema.WHOLE).first()
    if record is None and session.status != SessionStatus.ENDED:
        raise Problem(404, _("This session has not ended yet. Its evaluation follows when it has."))
    if record is None:
        raise Problem(404, _("This session has no evaluation: it never became active."))
    return record

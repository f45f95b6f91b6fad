"""“I see it differently”: a trainee disputes one behaviour, a curator or an operator may overrule it. Ratings stay."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch

from evaluations.findings import insults
from evaluations.findings.ratings import Answer, rate
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import RATED_BY_RUBRIC, BehaviourResult, Dispute, Evaluation
from practice import notifications
from practice.lifecycle import Speaker
from practice.models import PracticeSession, Turn
from practice.sessions import SessionUnknown


class NothingToDispute(Exception):
    """The evaluation has no such behaviour."""


class NotDisputable(Exception):
    """The evaluation has the old form, or is not ready."""


class AlreadyAnswered(Exception):
    """A curator or operator has answered the dispute: the reason stays the one that the answer is about."""


def raise_dispute(evaluation: Evaluation, *, skill_id: str, key: str, reason: str, now: datetime) -> Dispute:
    """Store the trainee's view of one behaviour; a second dispute replaces the reason of the first.

    Raises NotDisputable, NothingToDispute, AlreadyAnswered and SessionUnknown.
    """
    if evaluation.shape == RATED_BY_RUBRIC or evaluation.status != EvaluationStatus.COMPLETED:
        raise NotDisputable
    result = BehaviourResult.objects.filter(score__evaluation=evaluation, score__skill_id=skill_id, key=key).first()
    if result is None:
        raise NothingToDispute
    with transaction.atomic():
        if PracticeSession.objects.locked(evaluation.session_id) is None:
            raise SessionUnknown(evaluation.session_id)
        if Dispute.objects.filter(evaluation=evaluation, skill_id=skill_id, key=key).exclude(overruled_answer=""):
            raise AlreadyAnswered
        kept, _created = Dispute.objects.update_or_create(
            evaluation=evaluation,
            skill_id=skill_id,
            key=key,
            defaults={"reason": reason},
            create_defaults={"reason": reason, "answer": result.answer, "created_at": now},
        )
        notifications.notify(evaluation.session_id)
    return kept


def overrule(dispute: Dispute, answer: Answer, reason: str, *, by: str, now: datetime) -> bool:
    """Store the answer of a curator or operator beside the evaluator's; both are shown, and no rating changes.

    False, with nothing stored, if the trainee has replaced the reason that `dispute` has.
    """
    with transaction.atomic():
        PracticeSession.objects.locked(dispute.evaluation.session_id)
        answered = Dispute.objects.filter(pk=dispute.pk, reason=dispute.reason).update(
            overruled_answer=answer, overruled_reason=reason, overruled_by=by, overruled_at=now
        )
        notifications.notify(dispute.evaluation.session_id)
    return bool(answered)


def reviewed_ratings(evaluation: Evaluation, trainee_lines: Iterable[str]) -> dict[str, int | None]:
    """By skill id, the rating with the curators' answers, for skills where an answer was overruled.

    `trainee_lines`: what the trainee said; a plain insult caps this rating as it did the first.
    """
    insulting = insults.plainly(trainee_lines)
    overruled = {
        (each.skill_id, each.key): each.overruled_answer for each in evaluation.disputes.all() if each.overruled_answer
    }
    found = {}
    for score in evaluation.scores.all():
        if any(skill_id == score.skill_id for skill_id, _ in overruled):
            found[score.skill_id] = rate(
                (
                    (each.kind, overruled.get((score.skill_id, each.key), each.answer))
                    for each in score.behaviours.all()
                ),
                insulting=insulting,
            )
    return found


def changed_ratings(skill_id: str, session_ids: Iterable[str]) -> dict[str, int | None]:
    """By session id, the skill's rating with the curators' answers, where that is another than the one given."""
    overruled = Dispute.objects.filter(skill_id=skill_id, evaluation__session__in=session_ids)
    reviewed = Evaluation.objects.filter(pk__in=overruled.exclude(overruled_answer="").values("evaluation"))
    own_lines = Turn.objects.said().filter(speaker=Speaker.TRAINEE, transcript__isnull=False)
    found = {}
    whole = ("scores__behaviours", "disputes", Prefetch("session__turns", own_lines))
    for evaluation in reviewed.prefetch_related(*whole):
        lines = [turn.transcript or "" for turn in evaluation.session.turns.all()]
        given = {score.skill_id: score.rating for score in evaluation.scores.all()}
        rating = reviewed_ratings(evaluation, lines).get(skill_id)
        if skill_id in given and rating != given[skill_id]:
            found[evaluation.session_id] = rating
    return found

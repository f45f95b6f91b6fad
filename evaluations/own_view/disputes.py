"""“I see it differently”: a trainee disputes one behaviour, a curator or an operator may overrule it. Ratings stay.

A dispute is about one answer. When a new reading answers otherwise, it no longer counts, and the trainee may dispute
the new answer: then the dispute stays only with the replaced reading that it was about (`EarlierReading.result`).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from coach.edge.timestamps import iso
from evaluations import evaluation_schema
from evaluations.findings import insults
from evaluations.findings.ratings import Answer, rate
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import RATED_BY_RUBRIC, BehaviourResult, Dispute, EarlierReading, Evaluation
from practice import notifications
from practice.lifecycle import Speaker
from practice.models import PracticeSession, Turn
from practice.sessions import SessionUnknown

_UNANSWERED = {"overruled_answer": "", "overruled_reason": "", "overruled_by": "", "overruled_at": None}


class NothingToDispute(Exception):
    """The evaluation has no such behaviour."""


class NotDisputable(Exception):
    """The evaluation has the old form, or is not ready."""


class AlreadyAnswered(Exception):
    """A curator or operator has answered the dispute: the reason stays the one that the answer is about."""


def raise_dispute(evaluation: Evaluation, *, skill_id: str, key: str, reason: str, now: datetime) -> Dispute:
    """Store the trainee's view of one answer; a second one about the same answer replaces the reason of the first.

    Raises NotDisputable, NothingToDispute, AlreadyAnswered and SessionUnknown.
    """
    about: dict[str, Any] = {"evaluation": evaluation, "skill_id": skill_id, "key": key}
    with transaction.atomic():
        if PracticeSession.objects.locked(evaluation.session_id) is None:
            raise SessionUnknown(evaluation.session_id)
        completed = Evaluation.objects.filter(pk=evaluation.pk, status=EvaluationStatus.COMPLETED)
        if not completed.exclude(shape=RATED_BY_RUBRIC).exists():
            raise NotDisputable
        result = BehaviourResult.objects.filter(score__evaluation=evaluation, score__skill_id=skill_id, key=key).first()
        if result is None:
            raise NothingToDispute
        held = Dispute.objects.filter(**about).first()
        written: dict[str, Any] = {"reason": reason}
        if held is None or not is_about(held, result):
            written |= {"answer": result.answer, "created_at": now, **_UNANSWERED}
            if held is not None:
                _keep_with_its_reading(held)
        elif held.overruled_answer:
            raise AlreadyAnswered
        kept, _created = Dispute.objects.update_or_create(**about, defaults=written)
        notifications.notify(evaluation.session_id)
    return kept


def is_about(dispute: Dispute, result: BehaviourResult) -> bool:
    """Whether this is the answer that was disputed; otherwise the dispute is about an earlier reading."""
    return dispute.answer == result.answer


def overrule(dispute: Dispute, answer: Answer, reason: str, *, by: str, now: datetime) -> bool:
    """Store the answer of a curator or operator beside the evaluator's; both are shown, and no rating changes.

    False, with nothing stored, if the trainee has replaced the reason that `dispute` has, or disputes another answer.
    """
    with transaction.atomic():
        PracticeSession.objects.locked(dispute.evaluation.session_id)
        answered = Dispute.objects.filter(pk=dispute.pk, answer=dispute.answer, reason=dispute.reason).update(
            overruled_answer=answer, overruled_reason=reason, overruled_by=by, overruled_at=now
        )
        notifications.notify(dispute.evaluation.session_id)
    return bool(answered)


def waiting() -> "QuerySet[Dispute]":
    """Disputes that nobody has answered, but for those about an earlier reading."""
    behaviour = BehaviourResult.objects.filter(
        score__evaluation=OuterRef("evaluation"), score__skill_id=OuterRef("skill_id"), key=OuterRef("key")
    )
    return Dispute.objects.filter(~Exists(behaviour.exclude(answer=OuterRef("answer"))), overruled_answer="")


def earlier(dispute: Dispute, answer: str) -> list[dict[str, Any]]:
    """What was disputed about this behaviour in readings that were replaced, oldest first, as in the API.

    `answer`: the present one; if `dispute` is not about it, `dispute` comes last.
    """
    found = {
        each["dispute"]["createdAt"]: each["dispute"]
        for reading in dispute.evaluation.earlier_readings.all()
        for each in _disputed(reading, dispute)
    }
    found.pop(iso(dispute.created_at), None)
    return [*found.values(), *([evaluation_schema.dispute(dispute)] if dispute.answer != answer else [])]


def reviewed_ratings(evaluation: Evaluation, trainee_lines: Iterable[str]) -> dict[str, int | None]:
    """By skill id, the rating with the curators' answers, for skills where one of the present answers was overruled.

    `trainee_lines`: what the trainee said; a plain insult caps this rating as it did the first.
    """
    insulting = insults.plainly(trainee_lines)
    overruled = {
        (each.skill_id, each.key, each.answer): each.overruled_answer
        for each in evaluation.disputes.all()
        if each.overruled_answer
    }
    found = {}
    for score in evaluation.scores.all():
        answers = [(each.kind, (score.skill_id, each.key, each.answer)) for each in score.behaviours.all()]
        if any(given in overruled for _, given in answers):
            found[score.skill_id] = rate(
                ((kind, overruled.get(given, given[-1])) for kind, given in answers), insulting=insulting
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
        reviewed_now = reviewed_ratings(evaluation, lines)
        if skill_id in reviewed_now and reviewed_now[skill_id] != given[skill_id]:
            found[evaluation.session_id] = reviewed_now[skill_id]
    return found


def _keep_with_its_reading(dispute: Dispute) -> None:
    """Store the dispute as it is now, perhaps answered since, with the last reading that it was about."""
    for reading in dispute.evaluation.earlier_readings.order_by("-version"):
        for behaviour in _disputed(reading, dispute):
            if behaviour["dispute"]["createdAt"] == iso(dispute.created_at):
                behaviour["dispute"] = evaluation_schema.dispute(dispute)
                reading.save(update_fields=["result"])
                return


def _disputed(reading: EarlierReading, dispute: Dispute) -> Iterator[dict[str, Any]]:
    """The behaviour in a replaced reading, as in the API, if its answer was disputed."""
    for score in reading.result.get("scores") or ():
        if score["skillId"] == dispute.skill_id:
            for each in score.get("behaviours") or ():
                own = each.get("dispute")
                if each["key"] == dispute.key and own and own["answer"] == each["answer"]:
                    yield each

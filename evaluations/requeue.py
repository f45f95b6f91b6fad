"""Evaluates again on request: what failed, or what was completed without words that are known now.

A result stands until the new one is stored, and is kept as a version.
"""

from datetime import datetime
from functools import partial
from typing import Any, Literal

from django.db import transaction

from coach.edge.timestamps import iso
from coach.telemetry import names
from coach.telemetry.spans import span
from evaluations import evaluation_job, evaluation_schema, tasks
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import EarlierReading, Evaluation
from practice.lifecycle import Speaker
from practice.models import PracticeSession, Turn

Cause = Literal["corrected", "transcribed"]


def requeue(evaluation: Evaluation, *, now: datetime) -> bool:
    """Start over from `failed`; False, with nothing changed, in any other state. Concurrent calls start one job."""
    with span(names.EVALUATION_REQUEUE, session_id=evaluation.session_id) as asked:
        moved = evaluation_job.requeue(evaluation.pk, now=now)
        if moved:
            transaction.on_commit(partial(tasks.wake, evaluation.pk))
        else:
            asked.fail("not failed")
    return moved


def why_offered(evaluation: Evaluation) -> Cause | None:
    """How the words changed after the transcript was read for a completed evaluation; None: no new reading is offered.

    The trainee corrected a line, or one is transcribed that was not then.
    """
    if evaluation.status != EvaluationStatus.COMPLETED:
        return None
    own = Turn.objects.filter(session_id=evaluation.session_id, speaker=Speaker.TRAINEE)
    corrected = own.filter(corrected_at__isnull=False)
    if evaluation.transcript_read_at is not None:
        corrected = corrected.filter(corrected_at__gt=evaluation.transcript_read_at)
    if corrected.exists():
        return "corrected"
    fewer_unheard = evaluation.unheard_turns and own.filter(transcript=None).count() < evaluation.unheard_turns
    return "transcribed" if fewer_unheard and own.filter(transcript__gt="").exists() else None


def is_offered(evaluation: Evaluation) -> bool:
    return why_offered(evaluation) is not None


def read_again(evaluation: Evaluation, *, now: datetime) -> bool:
    """Queue a new reading; False, with nothing changed, if none is offered. Concurrent calls start one job."""
    with transaction.atomic():
        PracticeSession.objects.locked(evaluation.session_id)
        held = Evaluation.objects.filter(pk=evaluation.pk).prefetch_related(*evaluation_schema.WHOLE).first()
        if held is None or not is_offered(held):
            return False
        if held.scores.all():
            EarlierReading.objects.create(
                evaluation=held,
                version=held.earlier_readings.count() + 1,
                replaced_at=now,
                result=evaluation_schema.of(held),
            )
        evaluation_job.start_over(held.pk, now=now)
        transaction.on_commit(partial(tasks.wake, held.pk))
    return True


def replaced(evaluation: Evaluation) -> list[EarlierReading]:
    """The readings that were replaced, oldest first; the one that still stands is not among them."""
    kept = list(evaluation.earlier_readings.all())
    return kept[:-1] if evaluation.is_being_replaced else kept


def earlier(session_id: str) -> list[dict[str, Any]]:
    """The results that were replaced, oldest first."""
    evaluation = Evaluation.objects.filter(session=session_id).first()
    kept = replaced(evaluation) if evaluation else []
    return [{"version": each.version, "replacedAt": iso(each.replaced_at), "result": each.result} for each in kept]

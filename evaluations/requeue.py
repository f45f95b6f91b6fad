"""Requests a failed evaluation again: the single function behind API, page and admin."""

from datetime import datetime
from functools import partial

from django.db import transaction

from coach.telemetry import names
from coach.telemetry.spans import span
from evaluations import evaluation_job, tasks
from evaluations.models import Evaluation


def requeue(evaluation: Evaluation, *, now: datetime) -> bool:
    """Start over from `failed`; False, with nothing changed, in any other state. Concurrent calls start one job."""
    with span(names.EVALUATION_REQUEUE, session_id=evaluation.session_id) as asked:
        moved = evaluation_job.requeue(evaluation.pk, now=now)
        if moved:
            transaction.on_commit(partial(tasks.wake, evaluation.pk))
        else:
            asked.fail("not failed")
    return moved

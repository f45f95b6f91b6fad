"""Statuses of an evaluation and the allowed moves between them, as data."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from practice.lifecycle import Lifecycle


class EvaluationStatus(TextChoices):
    PENDING = "pending", _("Waiting")
    RUNNING = "running", _("Being evaluated")
    COMPLETED = "completed", _("Ready")
    FAILED = "failed", _("Failed")


MOVES: dict[EvaluationStatus, frozenset[EvaluationStatus]] = {
    EvaluationStatus.PENDING: frozenset({EvaluationStatus.RUNNING}),
    # Back to pending: a try that may be repeated, or a worker died.
    EvaluationStatus.RUNNING: frozenset(
        {EvaluationStatus.PENDING, EvaluationStatus.COMPLETED, EvaluationStatus.FAILED}
    ),
    # On request only.
    EvaluationStatus.FAILED: frozenset({EvaluationStatus.PENDING}),
    # On request, after a line was corrected, and when a transcription arrives late.
    EvaluationStatus.COMPLETED: frozenset({EvaluationStatus.PENDING}),
}
EVALUATION = Lifecycle("status", MOVES)
TRIES_IN_A_ROW = 3

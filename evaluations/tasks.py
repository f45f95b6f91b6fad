"""What wakes the evaluator. What must be done is a row; the sweep finds what no call reached."""

from celery import shared_task

from coach import clock, wake_up, worker_places
from coach.config import config
from coach.providers import build
from coach.telemetry import metrics, names
from evaluations import queue
from evaluations.asking import Evaluator
from evaluations.evaluate import evaluate, prepare
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession

EVALUATE = "evaluations.evaluate"
PREPARE = "evaluations.prepare"


def wake(evaluation_id: str) -> None:
    """Have a worker look at what is committed."""
    wake_up.call(EVALUATE, evaluation_id)


@shared_task(name=EVALUATE, ignore_result=True)
def run(evaluation_id: str) -> None:
    """Evaluate what is due, unless another worker has it. Where no thread may be spared, the sweep calls again."""
    with worker_places.evaluations.place() as had:
        if had:
            evaluate(evaluation_id, _evaluator(), clock=clock.now)


@shared_task(name=PREPARE, ignore_result=True)
def run_prepare(session_id: str) -> None:
    """While a conversation goes on: what does not depend on it is read beforehand. Cheap once it is known."""
    prepare(session_id, _evaluator())


@shared_task(name="evaluations.sweep", ignore_result=True)
def sweep() -> None:
    """Take over from workers that died, call for what is due, and for what can be read beforehand."""
    now = clock.now()
    for _ in queue.take_over_lost(now=now):
        metrics.count(names.EVALUATIONS_FINISHED, status="failed")
    for evaluation_id in queue.due(now=now):
        wake(evaluation_id)
    if config.evaluator.local:
        for session_id in PracticeSession.objects.filter(status=SessionStatus.ACTIVE).values_list("pk", flat=True):
            wake_up.call(PREPARE, session_id)


def _evaluator() -> Evaluator:
    model = build.evaluator()
    return Evaluator(model, model.model, model.local, build.embeddings() if model.local else None)

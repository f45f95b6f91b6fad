"""What wakes the evaluator. What must be done is a row; the sweep finds what no call reached."""

from celery import shared_task

from coach import clock, wake_up, worker_places
from coach.providers import build
from coach.telemetry import metrics, names
from evaluations import queue
from evaluations.asking import Evaluator
from evaluations.evaluate import evaluate

EVALUATE = "evaluations.evaluate"


def wake(evaluation_id: str) -> None:
    """Have a worker look at what is committed."""
    wake_up.call(EVALUATE, evaluation_id)


@shared_task(name=EVALUATE, ignore_result=True)
def run(evaluation_id: str) -> None:
    """Evaluate what is due, unless another worker has it. Where no thread may be spared, the sweep calls again."""
    with worker_places.evaluations.place() as had:
        if had:
            evaluate(evaluation_id, _evaluator(), clock=clock.now)


@shared_task(name="evaluations.sweep", ignore_result=True)
def sweep() -> None:
    """Take over from workers that died and call for what is due."""
    now = clock.now()
    for _ in queue.take_over_lost(now=now):
        metrics.count(names.EVALUATIONS_FINISHED, status="failed")
    for evaluation_id in queue.due(now=now):
        wake(evaluation_id)


def _evaluator() -> Evaluator:
    model = build.evaluator()
    return Evaluator(model, model.model, model.local, build.embeddings() if model.local else None)

"""What wakes the evaluator. What must be done is a row; the sweep finds what no call reached."""

from celery import shared_task

from coach import clock, wake_up
from coach.config import config
from coach.providers import build
from coach.telemetry import metrics, names
from evaluations import queue
from evaluations.asking import Evaluator
from evaluations.evaluate import evaluate, prepare
from evaluations.memory import Kept

EVALUATE = "evaluations.evaluate"
PREPARE = "evaluations.prepare"
GAVE_WAY_SECONDS = 2


def wake(evaluation_id: str) -> None:
    """Have a worker look at what is committed."""
    wake_up.call(EVALUATE, evaluation_id)


@shared_task(name=EVALUATE, ignore_result=True)
def run(evaluation_id: str) -> None:
    """Evaluate what is due; does nothing where another worker has it."""
    evaluate(evaluation_id, _evaluator(), clock=clock.now)


def prepare_for(session_id: str) -> None:
    """Have a worker ask a small model beforehand. No sweep looks for it: what it leaves unasked is asked afterwards."""
    wake_up.call(PREPARE, session_id)


@shared_task(name=PREPARE, ignore_result=True)
def run_prepare(session_id: str) -> None:
    """While the conversation goes on; does nothing where a service evaluates."""
    if prepare(session_id, _evaluator()):
        run_prepare.apply_async((session_id,), countdown=GAVE_WAY_SECONDS, retry=False)


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
    return Evaluator(model, model.model, model.local, Kept(f"{model.model} {config.local_llm}"))

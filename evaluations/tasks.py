"""Wake-up calls for the evaluator. What must be done is a row; the sweep finds what no call reached."""

import structlog
from celery import shared_task
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from coach import clock
from coach.providers import build
from coach.telemetry import metrics, names
from evaluations import queue
from evaluations.asking import Evaluator
from evaluations.evaluate import evaluate

log = structlog.get_logger(__name__)


def wake(evaluation_id: str) -> None:
    """Call a worker for what is committed. A broker that is down only delays it until the sweep."""
    try:
        run.apply_async((evaluation_id,), retry=False)
    except (KombuError, RedisError, OSError) as error:
        log.warning("no worker could be called", evaluationId=evaluation_id, error=type(error).__name__)
    else:
        queue.woken([evaluation_id], now=clock.now())


@shared_task(name="evaluations.evaluate", ignore_result=True)
def run(evaluation_id: str) -> None:
    """Evaluate what is due; does nothing where another worker has it."""
    model = build.evaluator()
    evaluate(evaluation_id, Evaluator(model, model.model, model.local), clock=clock.now)


@shared_task(name="evaluations.sweep", ignore_result=True)
def sweep() -> None:
    """Take over from workers that died and call for what is due."""
    now = clock.now()
    for _ in queue.take_over_lost(now=now):
        metrics.count(names.EVALUATIONS_FINISHED, status="failed")
    for evaluation_id in queue.due(now=now):
        wake(evaluation_id)

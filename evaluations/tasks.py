"""Celery tasks of evaluations. Owed work is a row; the sweep finds jobs whose call was lost."""

from celery import shared_task

from coach import clock
from coach.config import config
from coach.jobs import wake_up
from coach.providers import build
from coach.telemetry import metrics, names
from coach.workers import reserved_threads
from evaluations import evaluation_job
from evaluations.ask_evaluator import Evaluator
from evaluations.evaluate import evaluate, prepare
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession
from practice.turns import goal_check_at_end

EVALUATE = "evaluations.evaluate"
PREPARE = "evaluations.prepare"


def wake(evaluation_id: str) -> None:
    """Call a worker for the committed job."""
    wake_up.call(EVALUATE, evaluation_id)


@shared_task(name=EVALUATE, ignore_result=True)
def run(evaluation_id: str) -> None:
    """Evaluate the job if it is due and unclaimed. If no thread is free, the sweep calls again."""
    with reserved_threads.evaluations.place() as had:
        if had:
            evaluate(evaluation_id, _evaluator(), clock=clock.now, before=_judge_the_rest)


@shared_task(name=PREPARE, ignore_result=True)
def run_prepare(session_id: str) -> None:
    """Embed in advance what is known while a conversation goes on. Cheap once cached."""
    prepare(session_id, _evaluator())


@shared_task(name="evaluations.sweep", ignore_result=True)
def sweep() -> None:
    """Take over from dead workers, and call workers for due jobs and for words that can be embedded in advance."""
    now = clock.now()
    for _ in evaluation_job.take_over_lost(now=now):
        metrics.count(names.EVALUATIONS_FINISHED, status="failed")
    for evaluation_id in evaluation_job.due(now=now):
        wake(evaluation_id)
    if config.evaluator.local:
        for session_id in PracticeSession.objects.filter(status=SessionStatus.ACTIVE).values_list("pk", flat=True):
            wake_up.call(PREPARE, session_id)


def _judge_the_rest(session: PracticeSession) -> None:
    if not config.roleplay.local:  # else rules moved the persona's state as the lines were said
        embeddings = build.embeddings() if config.objective_check.local else None
        goal_check_at_end.judge(session, build.objective_check(), embeddings)


def _evaluator() -> Evaluator:
    model = build.evaluator()
    return Evaluator(model, model.model, model.local, build.embeddings() if model.local else None)

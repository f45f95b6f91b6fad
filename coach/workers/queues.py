"""The Celery queues for wake-up calls.

Each has its own consumers, so that hanging evaluations never delay the transcription of a running conversation, nor the
sweeps.
"""

LIVE = "live"
EVALUATION = "evaluation"
HOUSEKEEPING = "coach"
QUEUES = (LIVE, EVALUATION, HOUSEKEEPING)
ROUTES = {
    "practice.tasks.transcribe": LIVE,
    "evaluations.evaluate": EVALUATION,
    "evaluations.prepare": EVALUATION,
}


def queue_of(task: str) -> str:
    return ROUTES.get(task, HOUSEKEEPING)

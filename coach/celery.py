"""The Celery app. Redis carries only wake-up calls: owed work is a row, and sweeps find work left undone."""

import os
from typing import Any

from celery import Celery, Task
from kombu import Queue

from coach import broker
from coach.config import config
from coach.telemetry.setup import with_celery
from coach.workers.queues import HOUSEKEEPING, QUEUES, ROUTES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coach.settings")

# Sweeps find all owed work, so an unacknowledged message may be considered lost early.
VISIBILITY_TIMEOUT_SECONDS = 3600


def _broker_url(redis_url: str) -> str:
    return "redis+socket://" + redis_url.removeprefix("unix://") if redis_url.startswith("unix://") else redis_url


class Job(Task):
    """Our task class: retries when it lost a conflict in the database."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from coach.database.conflicts import retried

        return retried(super().__call__)(*args, **kwargs)


broker.use()
app = Celery("coach", task_cls=Job, broker=_broker_url(config.redis_url))
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_default_queue=HOUSEKEEPING,
    # A worker without `-Q` takes jobs from all of them.
    task_queues=[Queue(name) for name in QUEUES],
    task_routes=ROUTES,
    broker_connection_retry_on_startup=True,
    # A Redis that became a replica, or is full, refuses and comes back: the worker stays and connects anew.
    broker_channel_error_retry=True,
    broker_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT_SECONDS, "socket_keepalive": True},
    worker_hijack_root_logger=False,
    timezone="UTC",
    # In memory: every interval is short, and the next sweep finds what was missed.
    beat_scheduler="coach.workers.schedule:OneWaiting",
)
with_celery()
app.autodiscover_tasks(["coach.storage", "practice", "evaluations", "history"])


@app.task(name="coach.probe")
def probe() -> None:
    """Does nothing; a worker taking it shows that its queue has a consumer (see coach.health)."""


# Register what a worker does besides its jobs: heartbeats, keeping threads free.
app.conf.imports = (
    "coach.health",
    "coach.workers.schedule",
    "coach.workers.wait_for_migrations",
    "coach.workers.reserved_threads",
    "coach.workers.worker_stop",
)
app.conf.beat_schedule = {
    "audio": {"task": "coach.storage.tasks.sweep", "schedule": 5.0},
    "evaluations": {"task": "evaluations.sweep", "schedule": 5.0},
    "archives": {"task": "history.tasks.build_archives", "schedule": 30.0},
    "sessions": {"task": "practice.tasks.sweep", "schedule": 2.0},
    "orphans": {"task": "history.tasks.sweep_orphans", "schedule": 3600.0},
    "retention": {"task": "history.tasks.nightly", "schedule": 900.0},
    "spoken-words": {"task": "history.tasks.note_spoken_words", "schedule": 600.0},
    "erasures": {"task": "history.tasks.sweep", "schedule": 10.0},
}

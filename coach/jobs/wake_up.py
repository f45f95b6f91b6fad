"""Wake-up calls to workers. A lost call only costs time: owed work is a row (`coach.jobs`).

For each job at most one call waits in its queue, however often it is requested and however long no worker comes.
"""

import contextvars
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import redis
import structlog
from celery.signals import task_prerun

from coach.workers import heartbeats
from coach.workers.queues import queue_of

log = structlog.get_logger(__name__)

# One thread: a broker that is down delays further calls, never the caller.
_CALLER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="wake-up")
_WAITING_AT_MOST = 1_000
# A call that may have been lost with its worker is repeated after this time.
CALL_AGAIN_SECONDS = 10


def call(task: str, *args: str) -> None:
    """Make a worker run `task` soon. Returns at once and never raises; the periodic sweep picks up lost calls."""
    if _CALLER._work_queue.qsize() < _WAITING_AT_MOST:
        _CALLER.submit(contextvars.copy_context().run, _send, task, *args)


def _send(task: str, *args: str) -> None:
    from coach.celery import app

    try:
        with heartbeats.server() as known:
            queue = queue_of(task)
            if not heartbeats.claim_place(known, _name(task, args), queue, seconds=CALL_AGAIN_SECONDS):
                return
        app.send_task(task, args=args, retry=False, ignore_result=True)
    except Exception as error:
        log.warning("no worker could be called", task=task, error=type(error).__name__)


@task_prerun.connect(dispatch_uid="call-taken")
def taken(task: Any = None, args: Sequence[Any] = (), **_: Any) -> None:
    """A worker has begun the job: later calls are new ones."""
    if task is None or not args:
        return
    try:
        with heartbeats.server() as known:
            heartbeats.give_back_place(known, _name(task.name, args))
    except (redis.RedisError, OSError) as error:
        log.warning("a wake-up call is still noted as waiting", task=task.name, error=type(error).__name__)


def _name(task: str, args: Sequence[Any]) -> str:
    return ":".join([task, *map(str, args)])

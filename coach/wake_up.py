"""Wake-up calls to workers. A call that is lost costs time and nothing else: what must be done is a row."""

import contextvars
from concurrent.futures import ThreadPoolExecutor

import structlog

log = structlog.get_logger(__name__)

# One thread: a broker that is away holds up further calls, never the one who calls.
_CALLER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="wake-up")
_WAITING_AT_MOST = 1_000


def call(task: str, *args: str) -> None:
    """Have a worker run `task` soon. Returns at once and never raises; what is lost the task's sweep finds."""
    if _CALLER._work_queue.qsize() < _WAITING_AT_MOST:
        _CALLER.submit(contextvars.copy_context().run, _send, task, *args)


def _send(task: str, *args: str) -> None:
    from coach.celery import app

    try:
        app.send_task(task, args=args, retry=False, ignore_result=True)
    except Exception as error:
        log.warning("no worker could be called", task=task, error=type(error).__name__)

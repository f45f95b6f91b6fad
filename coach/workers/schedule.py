"""Schedules periodic jobs: at most one of each waits in its queue, however long no worker takes any.

Messages do not expire: a worker whose clock is a few seconds ahead of the scheduler's would revoke every job with a
short interval.
"""

from typing import Any

import redis
import structlog
from celery.beat import ScheduleEntry, Scheduler
from celery.signals import task_prerun

from coach.workers import heartbeats

log = structlog.get_logger(__name__)

# Celery's own scheduler sets this on what it sends.
SENT_BY_BEAT = "celery_beat_task"


class OneWaiting(Scheduler):
    """Celery's scheduler, but it sends a job only if the previous one of its kind has been begun."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Like Celery's, but a clock that is set back stops nothing until it has caught up."""
        for entry in self.schedule.values():
            now = entry.default_now()
            if entry.last_run_at is not None and entry.last_run_at > now:
                entry.last_run_at = now
                self._heap = None
        return float(super().tick(*args, **kwargs))

    def apply_async(self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        """Raises SchedulingError like Celery's, and Redis's errors if it is down."""
        if advance:
            self.reserve(entry)
        name = str(entry.task)
        with heartbeats.server() as known:
            if not heartbeats.claim_place(known, name):
                return None
            try:
                return super().apply_async(entry, producer=producer, advance=False, **kwargs)
            except Exception:
                heartbeats.give_back_place(known, name)
                raise


@task_prerun.connect(dispatch_uid="periodic-job-begun")
def begun(task: Any = None, **_: Any) -> None:
    """A worker began a periodic job: the next one may be sent."""
    if task is None or not (task.request.headers or {}).get(SENT_BY_BEAT):
        return
    try:
        with heartbeats.server() as known:
            heartbeats.give_back_place(known, task.name)
            heartbeats.note_ran(known, task.name)
    except (redis.RedisError, OSError) as error:
        log.warning("a periodic job could not be noted", job=task.name, error=type(error).__name__)

"""Schedules periodic jobs: at most one of each waits in its queue, however long no worker takes any.

Messages do not expire: a worker whose clock is a few seconds ahead of the scheduler's would revoke every job with a
short interval.
"""

import sys
from datetime import timedelta
from typing import Any

import redis
import structlog
from celery.beat import ScheduleEntry, Scheduler, SchedulingError
from celery.signals import task_prerun
from kombu.exceptions import OperationalError

from coach import quick_exit
from coach.workers import heartbeats
from coach.workers.queues import queue_of

log = structlog.get_logger(__name__)

LONG_AGO = timedelta(days=1)
# Celery's own scheduler sets this on what it sends.
SENT_BY_BEAT = "celery_beat_task"


class OneWaiting(Scheduler):
    """Celery's scheduler, but it sends a job only if the previous one of its kind has been begun."""

    _is_away_logged = False
    _is_closed = False

    def setup_schedule(self) -> None:
        """A restart delays no job: each is due when it would have been, and one that nobody remembers at once.

        Celery's would wait for a whole interval first, and a scheduler that is restarted every ten minutes would never
        send what is due every fifteen.
        """
        super().setup_schedule()
        ago = _ran_ago([str(entry.task) for entry in self.schedule.values()])
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - ago.get(str(entry.task), LONG_AGO)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Like Celery's, but a clock that is set back stops nothing until it has caught up.

        Raises SystemExit once it is closed: the one that SIGTERM raises is lost if it comes in a destructor.
        """
        if self._is_closed:
            raise SystemExit
        for entry in self.schedule.values():
            now = entry.default_now()
            if entry.last_run_at is not None and entry.last_run_at > now:
                entry.last_run_at = now
                self._heap = None
        return float(super().tick(*args, **kwargs))

    def close(self) -> None:
        """Called at SIGTERM, and when Celery's loop ends; from then on the process leaves at once."""
        super().close()
        self._is_closed = True
        if not isinstance(sys.exc_info()[1], Exception):  # otherwise the exit status tells of it
            quick_exit.ended_in_order(0)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Raises nothing: a job that cannot be sent now is sent at its next time.

        A Redis that is away is told once, until jobs are sent again; Celery would print a stack for each job.
        """
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except Exception as error:  # any kind, as Celery does: it is logged, and the other jobs are still sent
            cause = error.__context__ if isinstance(error, SchedulingError) else error
            if not isinstance(cause, redis.RedisError | OSError | OperationalError):
                log.error("a periodic job could not be sent", job=entry.task, exc_info=cause)
            elif not self._is_away_logged:
                self._is_away_logged = True
                log.warning("periodic jobs wait until Redis is back", error=type(cause).__name__)
        else:
            if self._is_away_logged:
                self._is_away_logged = False
                log.info("periodic jobs are sent again")

    def apply_async(self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        """Raises SchedulingError like Celery's, and Redis's errors if it is down."""
        if advance:
            self.reserve(entry)
        name = str(entry.task)
        with heartbeats.server() as known:
            if not heartbeats.claim_place(known, name, queue_of(name)):
                return None
            try:
                return super().apply_async(entry, producer=producer, advance=False, **kwargs)
            except Exception:
                heartbeats.give_back_place(known, name)
                raise


def _ran_ago(tasks: list[str]) -> dict[str, timedelta]:
    """How long ago a worker began each; without those that are not known."""
    try:
        with heartbeats.server() as known:
            found = {task: heartbeats.ran_ago(known, task) for task in tasks}
    except (redis.RedisError, OSError) as error:
        log.warning("nobody knows when periodic jobs last ran", error=type(error).__name__)
        return {}
    return {task: timedelta(seconds=ago) for task, ago in found.items() if ago is not None}


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

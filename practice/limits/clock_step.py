"""What is under way when the server's clock is set: it moves along with the clock, so that nobody loses or gains time.

A machine that was paused, or whose clock was wrong, is set by NTP in one step. Deadlines, leases and the times of open
sessions were written by the old time: without this an hour forward would end every conversation, and an hour back
would refuse every turn and hold every job for an hour. Closed sessions and signed links keep the times they have.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, F, Model

from coach.jobs import job_kind
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession, Turn, WebProcess

LEAST = timedelta(seconds=3)
"""Smaller steps do no harm, and a busy machine looks like them."""


@dataclass(frozen=True)
class ClockReading:
    """The database's time, and the steady clock before it was asked and after it had answered."""

    database_now: datetime
    asked_at: float
    answered_at: float

    def step_since(self, earlier: "ClockReading") -> timedelta:
        """By how much the database's clock was set in between; zero if a slow answer can explain it."""
        went_on = (self.database_now - earlier.database_now).total_seconds()
        least = went_on - (self.answered_at - earlier.asked_at)
        most = went_on - (self.asked_at - earlier.answered_at)
        is_set = least >= LEAST.total_seconds() or most <= -LEAST.total_seconds()
        return timedelta(seconds=(least + most) / 2 if is_set else 0)


# This process's last reading.
_last: ClockReading | None = None


def since_last(reading: ClockReading) -> timedelta:
    """By how much the database's clock was set since the reading that this process remembers; zero if it was not."""
    return reading.step_since(_last) if _last else timedelta(0)


def remember(reading: ClockReading) -> None:
    """What was set until then has been dealt with."""
    global _last
    _last = reading


def move_along(step: timedelta) -> int:
    """Move what is under way by `step`, in the caller's transaction; returns the number of open sessions."""
    open_ids = list(
        PracticeSession.objects.exclude(status=SessionStatus.ENDED)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk", flat=True)
    )
    for kind in job_kind.KINDS.values():
        kind.move_along(step)
    columns_of_jobs = {column for kind in job_kind.KINDS.values() if kind.model is Turn for column in kind.times}
    PracticeSession.objects.filter(pk__in=open_ids).update(**_moved(PracticeSession, step))
    Turn.objects.filter(session__in=open_ids).update(**_moved(Turn, step, but=columns_of_jobs))
    # Otherwise a dead process would seem alive until the clock has caught up with it, and all would seem dead.
    WebProcess.objects.update(**_moved(WebProcess, step))
    return len(open_ids)


def _moved(model: type[Model], step: timedelta, *, but: Collection[str] = ()) -> dict[str, Any]:
    times = [field.name for field in model._meta.fields if isinstance(field, DateTimeField) and field.name not in but]
    return {name: F(name) + step for name in times}

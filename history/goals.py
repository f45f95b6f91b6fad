"""The weekly rhythm that trainees set themselves. Missed weeks have no consequences, and there are no streaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from coach.edge.timestamps import iso
from history.models import Goal
from practice.models import PracticeSession

PER_WEEK = range(1, 15)
WISH_MAX = 200
WEEKS = 4


@dataclass(frozen=True)
class WeekHeld:
    """The number of conversations held in the week that begins on `monday`."""

    monday: date
    held: int


@dataclass(frozen=True)
class Rhythm:
    """`weeks` oldest first, the last one is this week. `goal` is None if none is set."""

    goal: Goal | None
    weeks: Sequence[WeekHeld]

    @property
    def this_week(self) -> int:
        return self.weeks[-1].held

    @property
    def places(self) -> list[bool]:
        """For each conversation of the goal, whether it was held this week."""
        return [number < self.this_week for number in range(self.goal.per_week)] if self.goal else []


def rhythm(user_id: str, *, now: datetime) -> Rhythm:
    """The rhythm in weeks of the reader's calendar, beginning on Monday; two queries."""
    today = timezone.localdate(now)
    this = today - timedelta(days=today.weekday())
    mondays = [this - timedelta(days=7 * back) for back in reversed(range(WEEKS))]
    since = timezone.make_aware(datetime.combine(mondays[0], time.min))
    held = PracticeSession.objects.filter(user_id=user_id, sorted_at__gte=since)
    counts = dict.fromkeys(mondays, 0)
    for began in held.exclude(started_at=None).exclude(ended_at=None).values_list("sorted_at", flat=True):
        day = timezone.localdate(began)
        monday = day - timedelta(days=day.weekday())
        if monday in counts:
            counts[monday] += 1
    goal = Goal.objects.filter(user_id=user_id).first()
    return Rhythm(goal, [WeekHeld(monday, count) for monday, count in counts.items()])


def choose(user_id: str, *, per_week: int, wish: str, now: datetime) -> None:
    """Set the goal: `per_week` in PER_WEEK, `wish` at most WISH_MAX characters."""
    values = {"per_week": per_week, "wish": wish, "updated_at": now}
    Goal.objects.update_or_create(user_id=user_id, defaults=values)


def drop(user_id: str) -> None:
    Goal.objects.filter(user_id=user_id).delete()


def portable(user_id: str) -> dict[str, Any] | None:
    """The goal as exported; None if none is set."""
    goal = Goal.objects.filter(user_id=user_id).first()
    return {"perWeek": goal.per_week, "wish": goal.wish, "updatedAt": iso(goal.updated_at)} if goal else None

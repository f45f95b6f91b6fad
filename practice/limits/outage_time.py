"""Outage time (the database, all our processes or the local models were away) counts against nobody.

Every sweep records the time by the database's own clock. In a gap between two records no turn could be accepted and no
answer stored, so the clocks of open sessions are moved by it. A reply that waits for the local models stops the
duration clock of its own session; the idle clock stands still during a reply anyway. If the clock itself was set,
everything moves (`practice.limits.clock_step`).
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from coach import clock
from practice.help.coaching_pauses import HELD_AT_MOST
from practice.lifecycle import ReplyStatus, SessionStatus
from practice.limits import clock_step
from practice.limits.clock_step import ClockReading
from practice.models import LastSweep, PracticeSession, Turn
from practice.turns.replies import LEASE

log = structlog.get_logger(__name__)

# Web processes sweep every second, workers every two.
GAP = timedelta(seconds=3)
NOTED_OFTEN_ENOUGH = timedelta(seconds=0.5)
# Nobody waits in front of a page longer than a conversation may last: older sessions end by their deadlines.
FORGIVEN_AT_MOST = timedelta(minutes=15)
CLOCKS = (
    "queue_deadline",
    "duration_deadline",
    "idle_deadline",
    "socket_deadline",
    "speech_started_at",
    "coaching_paused_at",
)


def make_up(*, now: datetime) -> bool:
    """Record that limits are enforced again; True if clocks were moved by the length of the gap."""
    found = _gap()
    if found is None:
        LastSweep.objects.bulk_create([LastSweep(pk=LastSweep.ONLY, at=Now())], ignore_conflicts=True)
        return False
    reading, gap = found
    if abs(gap) >= GAP:
        moved = _catch_up(clock_step.since_last(reading), now)
    else:
        moved = False
        if gap > NOTED_OFTEN_ENOUGH:
            LastSweep.objects.filter(pk=LastSweep.ONLY).update(at=Now())
    clock_step.remember(reading)
    return moved


@transaction.atomic
def _catch_up(step: timedelta, now: datetime) -> bool:
    """Move clocks by the gap. `step`: by how much the clock was set, as far as this process knows."""
    # If several processes come back at once, the first one moves the clocks.
    LastSweep.objects.select_for_update().filter(pk=LastSweep.ONLY).first()
    found = _gap()
    LastSweep.objects.filter(pk=LastSweep.ONLY).update(at=Now())
    if found is None or abs(gap := found[1]) < GAP:
        return False
    # A process that has just started knows of no step, but time does not go back by itself.
    if step or gap < timedelta(0):
        sessions = clock_step.move_along(step or gap)
        log.warning("the clock was set", seconds=round((step or gap).total_seconds(), 1), sessions=sessions)
        return True
    if gap > FORGIVEN_AT_MOST:
        return False
    still_open = PracticeSession.objects.exclude(status=SessionStatus.ENDED).order_by("pk")
    open_ids = list(still_open.select_for_update(no_key=True).values_list("pk", flat=True))
    # Nobody is notified: clients do not see these clocks, and a recovering process has enough to do.
    moved = PracticeSession.objects.filter(pk__in=open_ids).update(**{clock: F(clock) + gap for clock in CLOCKS})
    # A process that was saying a reply may still store it: its lease expired because it could not be renewed.
    replies = Turn.objects.filter(session__in=open_ids, reply_status=ReplyStatus.SPEAKING)
    replies.filter(lease_until__lt=now + LEASE).update(lease_until=now + LEASE)
    log.warning("limits were not enforced for a while", seconds=round(gap.total_seconds(), 1), sessions=moved)
    return bool(moved)


def move_end(session_id: str, length: timedelta) -> None:
    """Move the duration limit of an active session by `length`, which may be negative."""
    active = PracticeSession.objects.filter(pk=session_id, status=SessionStatus.ACTIVE)
    active.update(duration_deadline=F("duration_deadline") + length)


def stood_still_ms(session: PracticeSession) -> int:
    """How long the duration clock has stood still so far, but for a coaching pause that is under way."""
    if session.started_at is None or session.duration_deadline is None:
        return 0
    still = session.duration_deadline - session.started_at - timedelta(seconds=session.duration_limit_seconds)
    if session.coaching_paused_at is not None:
        still -= HELD_AT_MOST
    return round(max(still, timedelta(0)) / timedelta(milliseconds=1))


def _gap() -> tuple[ClockReading, timedelta] | None:
    """A reading of the database's clock, and its time since the last sweep; None if there was no sweep yet."""
    asked_at = clock.steady()
    row = LastSweep.objects.filter(pk=LastSweep.ONLY).annotate(database_now=Now()).first()
    if row is None:
        return None
    return ClockReading(row.database_now, asked_at, clock.steady()), row.database_now - row.at

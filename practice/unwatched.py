"""Time in which nobody could enforce limits counts against nobody: the database was away, or all our processes were.

Whoever sweeps notes the moment by the database's own clock. A gap between two notes is time in which no turn could be
taken and no answer stored, so the clocks of open sessions stood still.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from practice.lifecycle import ReplyStatus, SessionStatus
from practice.models import LastSweep, PracticeSession, Turn
from practice.turns.replies import LEASE

log = structlog.get_logger(__name__)

# Web processes sweep every second, workers every two.
GAP = timedelta(seconds=3)
NOTED_OFTEN_ENOUGH = timedelta(seconds=0.5)
# Nobody waits in front of a page for longer than a conversation may last: older sessions end by their deadlines.
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
    """Note that limits are enforced from here on; True where clocks were moved, by how long nobody did."""
    gap = _gap()
    if gap is None:
        LastSweep.objects.bulk_create([LastSweep(pk=LastSweep.ONLY, at=Now())], ignore_conflicts=True)
        return False
    if gap < GAP:
        if gap > NOTED_OFTEN_ENOUGH:
            LastSweep.objects.filter(pk=LastSweep.ONLY).update(at=Now())
        return False
    with transaction.atomic():
        # Of several processes that come back at once the first moves the clocks.
        LastSweep.objects.select_for_update().filter(pk=LastSweep.ONLY).first()
        gap = _gap()
        LastSweep.objects.filter(pk=LastSweep.ONLY).update(at=Now())
        if gap is None or not GAP <= gap <= FORGIVEN_AT_MOST:
            return False
        still_open = PracticeSession.objects.exclude(status=SessionStatus.ENDED).order_by("pk")
        open_ids = list(still_open.select_for_update(no_key=True).values_list("pk", flat=True))
        # Nobody is notified: clients are not told of these clocks, and a process that is back has enough to do.
        moved = PracticeSession.objects.filter(pk__in=open_ids).update(**{clock: F(clock) + gap for clock in CLOCKS})
        # Who was saying something may store it now: its lease ran out because it could not be renewed.
        said = Turn.objects.filter(session__in=open_ids, reply_status=ReplyStatus.SPEAKING)
        said.filter(lease_until__lt=now + LEASE).update(lease_until=now + LEASE)
    log.warning("limits were not enforced for a while", seconds=round(gap.total_seconds(), 1), sessions=moved)
    return bool(moved)


def _gap() -> timedelta | None:
    """How long ago anybody swept; None where nobody ever did."""
    row = LastSweep.objects.filter(pk=LastSweep.ONLY).annotate(database_now=Now()).first()
    return row.database_now - row.at if row else None

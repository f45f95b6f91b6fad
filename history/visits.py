"""Records how many steps a trainee needed to open a past session (SC-004)."""

from datetime import datetime, timedelta

from django.db import transaction

from coach.telemetry import metrics, names
from coach.telemetry.spans import OpenSpan
from history.models import Visit
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession

POLL_WITHIN = timedelta(seconds=60)
STEPS_TARGET = 2


def record(session: PracticeSession, *, step_count: int, now: datetime, look: OpenSpan | None = None) -> Visit | None:
    """Count one opening of an ended session; None if it has not ended. `look` is the span of the view so far.

    The same request again within a minute is a poll and belongs to the current visit.
    """
    if session.status != SessionStatus.ENDED:
        return None
    continued = Visit.objects.filter(session=session, step_count=step_count, last_seen_at__gt=now - POLL_WITHIN)
    visit = continued.order_by("-last_seen_at").first()
    if visit is not None:
        Visit.objects.filter(pk=visit.pk).update(last_seen_at=now)
        return visit
    metrics.measure(names.HISTORY_STEPS, step_count)
    latency_ms = None
    if look:
        latency_ms = look.elapsed_ms
        look.set(names.STEPS, step_count)
        look.set(names.WITHIN_TARGET, step_count <= STEPS_TARGET)
    with transaction.atomic():
        if PracticeSession.objects.locked(session.pk) is None:
            return None  # Erased just now.
        return Visit.objects.create(
            session=session, step_count=step_count, latency_ms=latency_ms, opened_at=now, last_seen_at=now
        )

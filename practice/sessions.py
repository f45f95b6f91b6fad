"""Starts and activates practice sessions, and admits those in the queue. Time is an argument."""

from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from coach.model_use import ceiling
from coach.telemetry import metrics, names, spans
from practice import lifecycle, notifications
from practice.catalog.completeness import FieldProblem
from practice.lifecycle import Difficulty, Language, SessionStatus
from practice.limits import capacity
from practice.limits.clock_drift import check_drift
from practice.models import PracticeSession
from practice.session_start import NotStartable, Start, continued, scenario_snapshot, startable
from practice.transitions import move
from practice.turns import redo, replies

log = structlog.get_logger(__name__)


class SessionUnknown(Exception):
    """No such session, or another trainee's."""


def get(session_id: str, *, user_id: str, briefs: bool = True) -> PracticeSession:
    """The trainee's session, with or without its briefs. Raises SessionUnknown."""
    found = PracticeSession.objects.all() if briefs else PracticeSession.objects.without_briefs()
    try:
        return found.get(pk=session_id, user_id=user_id)
    except PracticeSession.DoesNotExist:
        raise SessionUnknown(session_id) from None


def has_other_attempts(session: PracticeSession) -> bool:
    """Whether the trainee held another session of the same scenario, which this one can be compared with."""
    same = PracticeSession.objects.filter(user_id=session.user_id, scenario=session.scenario_id)
    return same.filter(status=SessionStatus.ENDED, started_at__isnull=False).exclude(pk=session.pk).exists()


def start(wish: Start, *, user_id: str, now: datetime) -> PracticeSession:
    """A new session, active or in the queue. Raises ClockDrift, NotStartable, CapacityExceeded, CeilingReached."""
    check_drift(wish.client_started_at, wish.arrived_at or now)
    scenario = startable(wish.scenario_id)
    if wish.language is not None and wish.language not in Language.values:
        raise NotStartable(
            _("Choose one of the languages listed."),
            [FieldProblem("language", _("Use one of: %(languages)s.") % {"languages": ", ".join(Language.values)})],
        )
    earlier = continued(wish, user_id)
    with spans.span(names.SESSION_START, scenarioId=scenario.pk) as span, transaction.atomic():
        try:
            capacity.lock()
            ceiling.check(now=now, under_way=capacity.under_way())
            admission = capacity.admit(now)
        except capacity.CapacityExceeded as full:
            metrics.count(names.SESSIONS_REJECTED)
            log.warning("start rejected", reason=str(full), scenarioId=scenario.pk)
            raise
        except ceiling.CeilingReached:
            metrics.count(names.SESSIONS_REJECTED)
            log.warning("start rejected: the daily cost ceiling is reached", scenarioId=scenario.pk)
            raise
        session = PracticeSession.objects.create(
            user_id=user_id,
            scenario=scenario,
            scenario_title=scenario.title,
            **scenario_snapshot(scenario, earlier),
            language=wish.language or (earlier or scenario).language,
            continues_from=earlier,
            continues_at=wish.continues_at,
            difficulty=wish.difficulty,
            coaching=wish.coaching,
            client_session_started_at=wish.client_started_at,
            created_at=admission.decided_at,
            sorted_at=admission.decided_at,
            idle_limit_seconds=scenario.idle_limit_seconds,
            duration_limit_seconds=scenario.duration_limit_seconds,
            queue_deadline=admission.waits_until,
            traceparent=span.traceparent,
        )
        span.set(names.SESSION_ID, session.pk)
        if admission.waits_until is None:
            activate(session.pk, now=now)
            session.refresh_from_db()
    log.info("session created", sessionId=session.pk, status=session.status)
    return session


def practice_again(
    session: PracticeSession,
    *,
    client_started_at: datetime,
    language: str | None,
    now: datetime,
    arrived_at: datetime | None = None,
) -> PracticeSession:
    """Start the same scenario as it is now, with the same difficulty; the old record is unchanged.

    Raises as `start`.
    """
    wish = Start(
        session.scenario_id,
        client_started_at,
        language=language,
        difficulty=Difficulty(session.difficulty),
        coaching=session.coaching,
        arrived_at=arrived_at,
    )
    with spans.span(names.PRACTICE_AGAIN, session_id=session.pk):
        return start(wish, user_id=session.user_id, now=now)


def activate(session_id: str, *, now: datetime) -> bool:
    """Give a pending session its place: then the AI owes the opening or, in a redo, the trainee says the line again.

    Call under `capacity.lock`.
    """
    waiting = PracticeSession.objects.filter(pk=session_id, status=SessionStatus.PENDING).first()
    if waiting is None:
        return False
    if not move(
        PracticeSession.objects.filter(pk=session_id),
        lifecycle.SESSION,
        SessionStatus.ACTIVE,
        session_id=session_id,
        started_at=now,
        sorted_at=now,
        duration_deadline=now + timedelta(seconds=waiting.duration_limit_seconds),
        queue_deadline=None,
    ):
        return False
    if not redo.begin(waiting, now=now):
        replies.promise(session_id, sequence=0, now=now)
    transaction.on_commit(partial(metrics.count, names.SESSIONS_STARTED))
    return True


def promote(*, now: datetime) -> list[str]:
    """Admit waiting sessions while there are places; all others in the queue get their new position."""
    promoted: list[str] = []
    with transaction.atomic():
        capacity.lock()
        while (session_id := capacity.next_in()) and activate(session_id, now=now):
            promoted.append(session_id)
    if promoted:
        tell_queue()
    return promoted


def tell_queue() -> None:
    """Tell everyone in the queue their place, each in its own transaction, so that two calls cannot deadlock."""
    for session_id in capacity.waiting():
        with transaction.atomic():
            notifications.notify(session_id)

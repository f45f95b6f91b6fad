"""Ends sessions that have reached a limit: duration, silence, a socket that stays away, a wait in the queue."""

from datetime import datetime
from functools import reduce
from operator import or_

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import Min, Q

from practice import session_end
from practice.lifecycle import DEADLINES, SessionStatus
from practice.limits import outage_time
from practice.models import PracticeSession

log = structlog.get_logger(__name__)


def expire(*, now: datetime, session_id: str | None = None) -> list[str]:
    """End every session (or only this one) that has reached a limit; returns the ids that this call ended.

    One that cannot be ended is logged and left to the next call; asked for alone, its error is raised.
    """
    ended = []
    passed_any = reduce(or_, (Q(**{f"{field}__lte": now}) for field in DEADLINES))
    due = PracticeSession.objects.exclude(status=SessionStatus.ENDED).filter(passed_any)
    if session_id is not None:
        due = due.filter(pk=session_id)
    found = list(due.only("pk", *DEADLINES))
    if found and outage_time.make_up(now=now):
        found = list(due.only("pk", *DEADLINES))
    for session in found:
        try:
            if _end_at_its_limit(session, now):
                ended.append(session.pk)
        except (OperationalError, InterfaceError):  # the database's fault, not this session's
            raise
        except Exception:
            # A fault in one record must not keep the other sessions from their limits; the sweep tries it again.
            if session_id is not None:
                raise
            log.exception("session cannot be ended", sessionId=session.pk)
    return ended


def _end_at_its_limit(session: PracticeSession, now: datetime) -> PracticeSession | None:
    at, field = min((at, field) for field in DEADLINES if (at := getattr(session, field)) is not None)
    return session_end.end(session.pk, DEADLINES[field], now=now, decided_at=at, only_if={f"{field}__lte": now})


def is_over_a_limit(session: PracticeSession, *, now: datetime) -> bool:
    """Whether `expire` would end this session, judging by the loaded record."""
    passed = any((at := getattr(session, field)) is not None and at <= now for field in DEADLINES)
    return passed and session.status != SessionStatus.ENDED


def next_deadline(*, now: datetime) -> datetime | None:
    """When the next session reaches a limit, as far as known now."""
    still_open = PracticeSession.objects.exclude(status=SessionStatus.ENDED)
    ahead = still_open.aggregate(**{field: Min(field, filter=Q(**{f"{field}__gt": now})) for field in DEADLINES})
    return min((at for at in ahead.values() if at is not None), default=None)

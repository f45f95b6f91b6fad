"""Ends sessions that have reached a limit: duration, silence, a socket that stays away, a wait in the queue."""

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Min, Q

from practice import session_end
from practice.lifecycle import DEADLINES, SessionStatus
from practice.limits import outage_time
from practice.models import PracticeSession


def expire(*, now: datetime, session_id: str | None = None) -> list[str]:
    """End every session (or only this one) that has reached a limit; returns the ids that this call ended."""
    ended = []
    passed_any = reduce(or_, (Q(**{f"{field}__lte": now}) for field in DEADLINES))
    due = PracticeSession.objects.exclude(status=SessionStatus.ENDED).filter(passed_any)
    if session_id is not None:
        due = due.filter(pk=session_id)
    found = list(due.only("pk", *DEADLINES))
    if found and outage_time.make_up(now=now):
        found = list(due.only("pk", *DEADLINES))
    for session in found:
        at, field = min((at, field) for field in DEADLINES if (at := getattr(session, field)) is not None)
        if session_end.end(session.pk, DEADLINES[field], now=now, decided_at=at, only_if={f"{field}__lte": now}):
            ended.append(session.pk)
    return ended


def is_over_a_limit(session: PracticeSession, *, now: datetime) -> bool:
    """Whether `expire` would end this session, judging by the loaded record."""
    passed = any((at := getattr(session, field)) is not None and at <= now for field in DEADLINES)
    return passed and session.status != SessionStatus.ENDED


def next_deadline(*, now: datetime) -> datetime | None:
    """When the next session reaches a limit, as far as known now."""
    still_open = PracticeSession.objects.exclude(status=SessionStatus.ENDED)
    ahead = still_open.aggregate(**{field: Min(field, filter=Q(**{f"{field}__gt": now})) for field in DEADLINES})
    return min((at for at in ahead.values() if at is not None), default=None)

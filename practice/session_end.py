"""Ends practice sessions. Whatever asks first decides the reason: an end that comes later changes nothing.

Several limits that have passed count in the order in which they were reached (`limits.session_deadlines`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import transaction

from coach.telemetry import metrics, names, spans
from practice import lifecycle
from practice.lifecycle import ObjectiveStatus, Reason, ReplyStatus, SessionStatus
from practice.limits import outage_time
from practice.models import PracticeSession, Turn
from practice.sessions import get, promote, tell_queue
from practice.signals import session_ended
from practice.transitions import move
from practice.turns import replies

log = structlog.get_logger(__name__)

LATENCY_MAX_MS = 2**31 - 1
"""The largest number that the column holds on PostgreSQL: a limit that was reached 25 days ago."""


def end(
    session_id: str,
    reason: Reason,
    *,
    now: datetime,
    decided_at: datetime | None = None,
    objective: tuple[ObjectiveStatus, str] | None = None,
    only_if: Mapping[str, Any] | None = None,
) -> PracticeSession | None:
    """End a session once; None if it had ended, is unknown or no longer matches `only_if` (a filter).

    `decided_at`: when the limit was reached. If nobody enforced limits then, the session ended at that moment.
    """
    with spans.span(names.SESSION_END, session_id=session_id, reason=str(reason)), transaction.atomic():
        held = PracticeSession.objects.locked(session_id)
        late = max(now - (decided_at or now), timedelta(0))
        ended_at = now - late if late > outage_time.GAP else now
        if held and held.started_at:
            ended_at = max(ended_at, held.started_at)
        latency_ms = min(round(late / timedelta(milliseconds=1)), LATENCY_MAX_MS)
        values: dict[str, Any] = dict.fromkeys((*lifecycle.DEADLINES, "speech_started_at", "coaching_paused_at"))
        if objective:
            values["objective_status"], values["objective_reason"] = objective
        if not move(
            PracticeSession.objects.filter(pk=session_id, **(only_if or {})),
            lifecycle.SESSION,
            SessionStatus.ENDED,
            session_id=session_id,
            termination_reason=reason,
            termination_latency_ms=latency_ms,
            ended_at=ended_at,
            **values,
        ):
            return None
        session = PracticeSession.objects.get(pk=session_id)
        replies.call_off(session_id)
        session_ended.send(sender=PracticeSession, session=session, now=now)
        transaction.on_commit(partial(_record_end, session, _is_saved(session_id), latency_ms))
        # After the commit: admission has its own lock, and nothing may wait for it while holding rows.
        left_queue = not session.was_active
        # Not a partial: Django logs a failing robust hook by its name.
        transaction.on_commit(lambda: _move_up(now=now, left_queue=left_queue), robust=True)
    return session


def stop(session: PracticeSession, reason: Reason, *, now: datetime) -> PracticeSession:
    """The trainee stops. Returns the session as it is afterwards: an earlier reason stays."""
    return end(session.pk, reason, now=now) or get(session.pk, user_id=session.user_id)


def end_unanswered(*, now: datetime) -> None:
    """End sessions whose reply was given up by a process that died before it could end them."""
    given_up = Turn.objects.filter(reply_status=ReplyStatus.FAILED, session__status=SessionStatus.ACTIVE)
    for session_id in given_up.values_list("session_id", flat=True):
        end(session_id, Reason.QA_ERROR, now=now)


def _move_up(*, now: datetime, left_queue: bool) -> None:
    if not promote(now=now) and left_queue:
        tell_queue()


def _is_saved(session_id: str) -> bool:
    turns = Turn.objects.filter(session_id=session_id).exclude(reply_status=ReplyStatus.FAILED)
    lost = turns.filter(transcript=None, audio=None).exclude(reply_status__in=[ReplyStatus.DUE, ReplyStatus.SPEAKING])
    return not lost.exists()


def _record_end(session: PracticeSession, saved: bool, latency_ms: int) -> None:
    if session.was_active:
        metrics.count(names.SESSIONS_ENDED, reason=session.termination_reason, saved=saved)
        metrics.measure(names.TERMINATION_LATENCY, latency_ms, reason=session.termination_reason)
    log.info(
        "session ended", sessionId=session.pk, reason=session.termination_reason, saved=saved, latencyMs=latency_ms
    )

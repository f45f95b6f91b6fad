"""The idle clock while somebody speaks: it stands still for a trainee who talks, for a minute at most."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from practice.lifecycle import ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.turns.replies import SPEECH_HOLDS


def begin(session_id: str, *, now: datetime) -> None:
    """The trainee began to speak. Said again without a cancel in between, it changes nothing."""
    with transaction.atomic():
        session = _active(session_id)
        if session is None or session.speech_started_at is not None:
            return
        session.speech_started_at = now
        if session.idle_deadline is not None:
            limit = timedelta(seconds=session.idle_limit_seconds)
            left = max(timedelta(0), min(limit, session.idle_deadline - now))
            session.idle_deadline = now + SPEECH_HOLDS + left
        session.save(update_fields=["speech_started_at", "idle_deadline"])


def cancel(session_id: str, *, now: datetime) -> None:
    """The trainee took it back: the idle clock starts afresh."""
    with transaction.atomic():
        session = _active(session_id)
        if session is None or session.speech_started_at is None:
            return
        session.speech_started_at = None
        if session.idle_deadline is not None:
            session.idle_deadline = now + timedelta(seconds=session.idle_limit_seconds)
        session.save(update_fields=["speech_started_at", "idle_deadline"])


def playback_ended(session_id: str, sequence: int, *, now: datetime) -> None:
    """The client has played AI turn `sequence`: idle from now on, if that is earlier than we reckoned."""
    with transaction.atomic():
        session = _active(session_id)
        if session is None or session.idle_deadline is None or session.speech_started_at is not None:
            return
        latest = Turn.objects.filter(session_id=session_id).aggregate(sequence=Max("sequence"))["sequence"]
        played = Turn.objects.filter(
            session_id=session_id, sequence=sequence, speaker=Speaker.AI, reply_status=ReplyStatus.COMPLETE
        )
        if latest != sequence or not played.exists():
            return
        session.idle_deadline = min(session.idle_deadline, now + timedelta(seconds=session.idle_limit_seconds))
        session.save(update_fields=["idle_deadline"])


def _active(session_id: str) -> PracticeSession | None:
    return PracticeSession.objects.select_for_update().filter(pk=session_id, status=SessionStatus.ACTIVE).first()

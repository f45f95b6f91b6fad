"""Handles barge-in: when the trainee interrupts the AI, only what was heard counts as said."""

from datetime import datetime, timedelta

from django.db import transaction

from coach.audio import encode
from coach.storage import audio
from practice import lifecycle, notifications
from practice.lifecycle import ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.persona.model import role_by_model
from practice.transitions import move
from practice.turns import idle_clock
from practice.turns.truncate_transcript import truncate_transcript


def interrupt(session_id: str, sequence: int, *, heard_ms: int, now: datetime) -> str | None:
    """Cut AI turn `sequence` to what was heard; only the latest turn of an active session, and only once.

    Returns the turn's id if a process is still saying it and has been told to stop. Otherwise None: it is cut, or there
    was nothing to cut.
    """
    turn = Turn.objects.filter(
        session_id=session_id, session__status=SessionStatus.ACTIVE, sequence=sequence, speaker=Speaker.AI
    ).first()
    if turn is None:
        return None
    if turn.reply_status in (ReplyStatus.DUE, ReplyStatus.SPEAKING):
        with transaction.atomic():
            Turn.objects.under_way().filter(pk=turn.pk, heard_ms=None).update(heard_ms=heard_ms)
            notifications.stop_reply(turn.pk)
        if turn.reply_status == ReplyStatus.DUE and finish_unheld(turn.pk, now=now, only=ReplyStatus.DUE):
            return None
        if Turn.objects.under_way().filter(pk=turn.pk).exists():
            return turn.pk
    _cut(turn.pk, heard_ms=heard_ms, now=now)
    return None


def finish_unheld(turn_id: str, *, now: datetime, only: ReplyStatus | None = None) -> bool:
    """Close an interrupted turn that no process is saying, so that the trainee can go on.

    It was not begun, or its process died.
    """
    turn = Turn.objects.filter(pk=turn_id).first()
    if turn is None:
        return False
    left = Turn.objects.under_way().exclude(heard_ms=None).filter(pk=turn_id)
    if only:
        left = left.filter(reply_status=only)
    with transaction.atomic():
        moved = move(
            left,
            lifecycle.REPLY,
            ReplyStatus.COMPLETE,
            session_id=turn.session_id,
            transcript="",
            interrupted=True,
            ended_at=now,
            lease_until=None,
            objective_check_at=now if turn.sequence > 0 else None,
        )
        if moved:
            Turn.objects.filter(pk=turn.pk).update(role_state=role_by_model.unheard(turn))
            idle_clock.start(turn.session_id, played_at=now)
    return moved


def unheld(*, now: datetime) -> list[str]:
    """Interrupted turns whose process died before it could store them."""
    dead = Turn.objects.under_way().exclude(heard_ms=None).exclude(lease_until__gte=now)
    return list(dead.values_list("pk", flat=True))


def _cut(turn_id: str, *, heard_ms: int, now: datetime) -> None:
    """Cut a reply that is already stored: its sound to whole frames, its words in proportion.

    If no word is left, nothing of it has happened.
    """
    turn = Turn.objects.select_related("audio").filter(pk=turn_id).first()
    if turn is None or turn.audio is None or turn.interrupted or heard_ms >= turn.audio.duration_ms:
        return
    total_ms = turn.audio.duration_ms
    mp3 = encode.cut_mp3(audio.read(turn.audio), heard_ms)
    with transaction.atomic():
        session = PracticeSession.objects.locked(turn.session_id)
        locked = Turn.objects.select_for_update().filter(pk=turn_id).first()
        if session is None or locked is None:
            return
        answered = Turn.objects.filter(session_id=turn.session_id, sequence__gt=turn.sequence).exists()
        if locked.interrupted or answered or session.status != SessionStatus.ACTIVE:
            return
        cut_off = locked.audio_id
        locked.transcript = truncate_transcript(
            locked.transcript or "", heard_ms=heard_ms, total_ms=total_ms, whole=True
        )
        if not locked.transcript:
            locked.role_state = role_by_model.unheard(locked)
        locked.interrupted = True
        locked.heard_ms = heard_ms
        locked.audio = audio.keep(mp3, duration_ms=heard_ms, now=now) if mp3 else None
        if locked.started_at:
            locked.ended_at = locked.started_at + timedelta(milliseconds=heard_ms)
        locked.save()
        if cut_off:
            audio.erase({cut_off: ""}, now=now)
        idle_clock.start(session.pk, played_at=now)
        notifications.notify(session.pk)

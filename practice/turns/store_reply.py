"""Stores what was said of a reply, with its sound, and starts the idle clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from coach.audio import encode
from coach.storage import audio
from coach.telemetry import metrics, names
from practice import lifecycle, notifications
from practice.lifecycle import ReplyStatus
from practice.models import PracticeSession, Turn
from practice.persona.model import role_by_model
from practice.persona.rules import role_storage
from practice.persona.rules.role_state import RoleState
from practice.transitions import move_held
from practice.turns import idle_clock
from practice.turns.spoken_reply import HeardPart, SpokenReply


@dataclass(frozen=True)
class Stored:
    turn_id: str
    session_id: str
    interrupted: bool


def store(turn_id: str, reply: SpokenReply, *, holder: str, now: datetime) -> Stored | None:
    """Store the part that was heard; None if the turn is no longer ours, or was given up without a word."""
    return _store(turn_id, reply, holder, now, with_sound=True)


def store_without_sound(turn_id: str, reply: SpokenReply, *, holder: str, now: datetime) -> Stored | None:
    """The same for a reply whose sound cannot be stored."""
    return _store(turn_id, reply, holder, now, with_sound=False)


def _store(turn_id: str, reply: SpokenReply, holder: str, now: datetime, *, with_sound: bool) -> Stored | None:
    has_role = Q(session__role_brief__isnull=False)
    ours = Turn.objects.filter(pk=turn_id, lease_holder=holder, reply_status=ReplyStatus.SPEAKING)
    while turn := ours.annotate(has_role=has_role).first():
        heard = reply.heard_part(turn.heard_ms, now=now)
        mp3 = _mp3(reply, heard) if with_sound else b""
        with transaction.atomic():
            session = PracticeSession.objects.locked(turn.session_id)
            locked = ours.select_for_update().only("heard_ms").first() if session else None
            if session is None or locked is None:
                return None
            if locked.heard_ms == turn.heard_ms:
                return _write(session, turn, reply, heard, mp3, now)
        # The trainee cut in while the MP3 was being made.
    return None


def _mp3(reply: SpokenReply, heard: HeardPart) -> bytes:
    return encode.to_mp3(encode.cut(bytes(reply.spoken.pcm), heard.audio_ms)) if heard.audio_ms else b""


def _write(
    session: PracticeSession, turn: Turn, reply: SpokenReply, heard: HeardPart, mp3: bytes, now: datetime
) -> Stored | None:
    was_heard = heard.text or (heard.audio_ms and not heard.interrupted)
    always = {
        "content_refused": reply.refused,
        "role_state": _state_after(session, turn, reply.role_state if was_heard else None),
        "lease_until": None,
    }
    if reply.spoken:
        return _complete(session, turn, reply, heard, mp3, always, now)
    if turn.heard_ms is None:
        _give_up(session, turn, always)
        return None
    return _complete_empty(session, turn, always, now)


def _state_after(session: PracticeSession, turn: Turn, moved: RoleState | None) -> dict[str, Any] | None:
    if moved is not None:
        return moved.stored()
    before = role_storage.before(session, turn.sequence) if turn.has_role else None  # type: ignore[attr-defined]
    return role_by_model.to_be_judged(before) if before is not None else None


def _complete(
    session: PracticeSession,
    turn: Turn,
    reply: SpokenReply,
    heard: HeardPart,
    mp3: bytes,
    changes: dict[str, Any],
    now: datetime,
) -> Stored:
    begun_at = reply.first_audio_at or now
    latency_ms = max(0, round((begun_at - turn.created_at).total_seconds() * 1000)) if reply.first_audio_at else None
    takes = idle_clock.listening_time(heard.audio_ms) if heard.audio_ms else idle_clock.reading_time(heard.text)
    move_held(
        Turn.objects.filter(pk=turn.pk),
        lifecycle.REPLY,
        ReplyStatus.COMPLETE,
        **changes,
        transcript=heard.text,
        audio=audio.keep(mp3, duration_ms=heard.audio_ms, now=now) if mp3 else None,
        interrupted=heard.interrupted,
        started_at=begun_at,
        ended_at=begun_at + timedelta(milliseconds=heard.audio_ms) if heard.audio_ms else now,
        latency_ms=latency_ms,
        objective_check_at=_check_at(turn, now),
    )
    played_at = now if heard.interrupted else max(now, begun_at + takes)
    notifications.notify(session.pk, **idle_clock.started(session, played_at=played_at))
    metrics.measure(names.REPLY_DURATION, (now - turn.created_at).total_seconds() * 1000)
    return Stored(turn.pk, turn.session_id, heard.interrupted)


def _complete_empty(session: PracticeSession, turn: Turn, changes: dict[str, Any], now: datetime) -> Stored:
    """The trainee cut in before the first word: with an empty turn they can go on."""
    move_held(
        Turn.objects.filter(pk=turn.pk),
        lifecycle.REPLY,
        ReplyStatus.COMPLETE,
        **changes,
        transcript="",
        interrupted=True,
        ended_at=now,
        objective_check_at=_check_at(turn, now),
    )
    notifications.notify(session.pk, **idle_clock.started(session, played_at=now))
    return Stored(turn.pk, turn.session_id, True)


def _give_up(session: PracticeSession, turn: Turn, changes: dict[str, Any]) -> None:
    """The model failed before its first word."""
    if move_held(Turn.objects.filter(pk=turn.pk), lifecycle.REPLY, ReplyStatus.FAILED, **changes):
        notifications.notify(session.pk)


def _check_at(turn: Turn, now: datetime) -> datetime | None:
    """The objective cannot be reached by the opening."""
    return now if turn.sequence > 0 else None

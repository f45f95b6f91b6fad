"""The idle clock: sets when a session ends because nobody speaks, `idle_limit_seconds` after a reply was played.

`limits.session_deadlines` ends it then.

The clock stops while the trainee talks, for a minute at most.

In a coaching pause both idle and duration clock stop, for five minutes at most.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from coach.edge.timestamps import iso
from practice.help.coaching_pauses import HELD_AT_MOST
from practice.lifecycle import ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Turn

SPEECH_HOLDS = timedelta(seconds=60)
READING_MS_PER_CHARACTER = 60
SLOWEST_PACE = 0.85
"""What "Slower speech" in the room multiplies the AI's pace by."""


def listening_time(audio_ms: int) -> timedelta:
    """How long a reply takes to hear at most: `playback_ended` says when it was over sooner, never later."""
    return timedelta(milliseconds=audio_ms / SLOWEST_PACE)


def reading_time(text: str) -> timedelta:
    """How long a reply without sound takes to read."""
    return timedelta(milliseconds=len(text) * READING_MS_PER_CHARACTER)


def start(session_id: str, *, played_at: datetime) -> None:
    """The AI's turn is over at `played_at`.

    A trainee who is already speaking keeps the clock stopped as long as speech may.
    """
    session = PracticeSession.objects.locked(session_id)
    if session is not None and (changes := started(session, played_at=played_at)):
        PracticeSession.objects.filter(pk=session_id).update(**changes)


def started(session: PracticeSession, *, played_at: datetime) -> dict[str, datetime]:
    """The changes of `start` to a locked session; none once it has ended."""
    if session.status != SessionStatus.ACTIVE:
        return {}
    if session.speech_started_at is not None:
        played_at = max(played_at, session.speech_started_at + SPEECH_HOLDS)
    return {"idle_deadline": played_at + timedelta(seconds=session.idle_limit_seconds)}


def pause(session: PracticeSession, *, now: datetime) -> list[str]:
    """Stop the clocks of a locked session that waits for the trainee, counting from when the reply was played.

    Returns the names of the changed fields; the caller saves them.
    """
    if session.idle_deadline is None or session.duration_deadline is None or session.coaching_paused_at is not None:
        return []
    session.coaching_paused_at = max(now, session.idle_deadline - timedelta(seconds=session.idle_limit_seconds))
    session.idle_deadline += HELD_AT_MOST
    session.duration_deadline += HELD_AT_MOST
    return ["coaching_paused_at", "idle_deadline", "duration_deadline"]


def go_on(session: PracticeSession, *, now: datetime) -> list[str]:
    """The pause is over: the duration clock continues, the idle clock starts again from zero.

    Returns the names of the changed fields (none if there was no pause); the caller saves them.
    """
    paused_at = session.coaching_paused_at
    if paused_at is None or session.duration_deadline is None:
        return []
    stood_still = min(max(timedelta(0), now - paused_at), HELD_AT_MOST)
    session.duration_deadline += stood_still - HELD_AT_MOST
    session.idle_deadline = max(now, paused_at) + timedelta(seconds=session.idle_limit_seconds)
    times = {"pausedAt": iso(min(paused_at, now)), "resumedAt": iso(now)}
    session.coaching_pauses = [*session.coaching_pauses[:-1], session.coaching_pauses[-1] | times]
    session.coaching_paused_at = None
    return ["coaching_paused_at", "coaching_pauses", "idle_deadline", "duration_deadline"]


def begin(session_id: str, sequence: int, *, now: datetime) -> None:
    """The trainee began to speak turn `sequence`; without effect if that is not the next turn.

    Calling it again without a cancel in between changes nothing. Repeating both never moves the duration limit.
    """
    with transaction.atomic():
        session = _awaiting(session_id, sequence)
        if session is None or session.speech_started_at is not None:
            return
        paused = go_on(session, now=now)
        session.speech_started_at = now
        if session.idle_deadline is not None:
            limit = timedelta(seconds=session.idle_limit_seconds)
            left = max(timedelta(0), min(limit, session.idle_deadline - now))
            session.idle_deadline = now + SPEECH_HOLDS + left
        session.save(update_fields=["speech_started_at", "idle_deadline", *paused])


def cancel(session_id: str, sequence: int, *, now: datetime) -> None:
    """The trainee cancelled turn `sequence`, begun over any socket: the idle clock starts again.

    Without effect if that is not the next turn: a late cancel must not interrupt a turn that began since.
    """
    with transaction.atomic():
        session = _awaiting(session_id, sequence)
        if session is None or session.speech_started_at is None:
            return
        session.speech_started_at = None
        if session.idle_deadline is not None:
            session.idle_deadline = now + timedelta(seconds=session.idle_limit_seconds)
        session.save(update_fields=["speech_started_at", "idle_deadline"])


def playback_ended(session_id: str, sequence: int, *, now: datetime) -> None:
    """The client finished playing AI turn `sequence`: the idle clock starts now, if that is earlier than estimated."""
    with transaction.atomic():
        session = _active(session_id)
        if session is None or session.idle_deadline is None or session.speech_started_at is not None:
            return
        played = Turn.objects.filter(
            session_id=session_id, sequence=sequence, speaker=Speaker.AI, reply_status=ReplyStatus.COMPLETE
        )
        if _latest(session_id) != sequence or not played.exists():
            return
        if session.coaching_paused_at is not None:
            session.coaching_paused_at = min(session.coaching_paused_at, now)
            session.save(update_fields=["coaching_paused_at"])
            return
        session.idle_deadline = min(session.idle_deadline, now + timedelta(seconds=session.idle_limit_seconds))
        session.save(update_fields=["idle_deadline"])


def _awaiting(session_id: str, sequence: int) -> PracticeSession | None:
    """The session, locked, if it is active and `sequence` comes next."""
    session = _active(session_id)
    return session if session is not None and _latest(session_id) == sequence - 1 else None


def _latest(session_id: str) -> int | None:
    return Turn.objects.filter(session_id=session_id).aggregate(sequence=Max("sequence"))["sequence"]


def _active(session_id: str) -> PracticeSession | None:
    return PracticeSession.objects.select_for_update().filter(pk=session_id, status=SessionStatus.ACTIVE).first()

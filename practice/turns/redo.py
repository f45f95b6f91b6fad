"""Starts a session from an earlier one just before a line of the trainee's, as if it had not been said yet."""

from datetime import datetime

from practice import notifications
from practice.lifecycle import AsrStatus, ReplyStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.turns import idle_clock


def can_begin_at(earlier: PracticeSession, sequence: int) -> bool:
    """Whether `sequence` is a trainee turn there that follows a stored AI turn."""
    turns = earlier.turns.said()
    before = turns.filter(sequence=sequence - 1, speaker=Speaker.AI, reply_status=ReplyStatus.COMPLETE)
    return turns.filter(sequence=sequence, speaker=Speaker.TRAINEE).exists() and before.exists()


def begin(session: PracticeSession, *, now: datetime) -> bool:
    """Copy the talk up to the redone line; then it is the trainee's turn.

    The words are copied with the persona's state, as if said when the new session began; recordings stay with the
    session they were made in. False if the earlier session is gone. Call inside the transaction that activates the
    session.
    """
    earlier = session.continues_from
    if earlier is None or session.continues_at is None:
        return False
    turns = list(Turn.objects.filter(session=earlier, sequence__lt=session.continues_at).said().order_by("sequence"))
    if [turn.sequence for turn in turns] != list(range(session.continues_at)):
        return False
    Turn.objects.bulk_create(_copied(turn, session, now) for turn in turns)
    idle_clock.start(session.pk, played_at=now + idle_clock.reading_time(turns[-1].transcript or ""))
    notifications.notify(session.pk)
    return True


def _copied(turn: Turn, session: PracticeSession, now: datetime) -> Turn:
    unwritten = turn.asr_status == AsrStatus.PENDING
    return Turn(
        session=session,
        sequence=turn.sequence,
        speaker=turn.speaker,
        transcript=turn.transcript,
        context=turn.context,
        created_at=now,
        started_at=now,
        ended_at=now,
        interrupted=turn.interrupted,
        asr_status=AsrStatus.FAILED if unwritten else turn.asr_status,
        reply_status=turn.reply_status,
        content_refused=turn.content_refused,
        role_state=turn.role_state,
    )

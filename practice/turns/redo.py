"""Starts a session from an earlier one just before a line of the trainee's, as if it had not been said yet."""

from datetime import datetime
from typing import Any

from django.db import transaction

from practice import notifications
from practice.lifecycle import ReplyStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.signals import turn_transcribed
from practice.turns import idle_clock


def can_begin_at(earlier: PracticeSession, sequence: int) -> bool:
    """Whether `sequence` is a trainee turn there that follows a stored AI turn."""
    turns = earlier.turns.said()
    before = turns.filter(sequence=sequence - 1, speaker=Speaker.AI, reply_status=ReplyStatus.COMPLETE)
    return turns.filter(sequence=sequence, speaker=Speaker.TRAINEE).exists() and before.exists()


def begin(session: PracticeSession, *, now: datetime) -> bool:
    """Copy the talk up to the redone line; then it is the trainee's turn.

    The words are copied with the persona's state, as if said when the new session began; recordings and what became of
    their transcription stay with the session they were made in. False if the session is no redo, or the earlier one is
    gone: then it is none any more. Call inside the transaction that activates the session.
    """
    if session.continues_at is None:
        return False
    turns = list(
        Turn.objects.filter(session=session.continues_from_id, sequence__lt=session.continues_at)
        .said()
        .order_by("sequence")
    )
    if [turn.sequence for turn in turns] != list(range(session.continues_at)):
        PracticeSession.objects.filter(pk=session.pk).update(continues_at=None)
        return False
    Turn.objects.bulk_create(_copied(turn, session, now) for turn in turns)
    if not all(turn.transcript for turn in turns):
        # A transcription that this transaction cannot see may be storing them right now.
        transaction.on_commit(lambda: add_late_words(session.pk), robust=True)
    idle_clock.start(session.pk, played_at=now + idle_clock.reading_time(turns[-1].transcript or ""))
    notifications.notify(session.pk)
    return True


def _copied(turn: Turn, session: PracticeSession, now: datetime) -> Turn:
    return Turn(
        session=session,
        sequence=turn.sequence,
        speaker=turn.speaker,
        transcript=turn.transcript or "",
        context=turn.context,
        created_at=now,
        started_at=now,
        ended_at=now,
        interrupted=turn.interrupted,
        reply_status=turn.reply_status,
        content_refused=turn.content_refused,
        role_state=turn.role_state,
    )


def add_late_words(session_id: str) -> None:
    """Give a redo the words of those lines that had none when it began, as far as its original has them now."""
    with transaction.atomic():
        session = PracticeSession.objects.locked(session_id)
        if session is None or session.continues_at is None:
            return
        copied = session.turns.filter(speaker=Speaker.TRAINEE, sequence__lt=session.continues_at)
        wordless = {turn.sequence: turn for turn in copied.filter(transcript="", asr_status=None, audio=None)}
        heard = Turn.objects.filter(session=session.continues_from_id, sequence__in=wordless, transcript__gt="")
        found = dict(heard.values_list("sequence", "transcript"))
        for sequence, words in found.items():
            turn = wordless[sequence]
            turn.transcript = words
            turn.save(update_fields=["transcript"])
            turn_transcribed.send(sender=Turn, turn=turn)
        if found:
            notifications.notify(session_id)


def on_turn_transcribed(sender: Any, *, turn: Turn, **_: Any) -> None:
    """After the commit, because a transaction locks one session only."""
    # Not a partial: Django logs a failing robust hook by its name.
    transaction.on_commit(lambda: _pass_on(turn), robust=True)


def _pass_on(turn: Turn) -> None:
    if not turn.transcript:
        return
    redos = PracticeSession.objects.filter(continues_from=turn.session_id, continues_at__gt=turn.sequence)
    for session_id in redos.values_list("pk", flat=True):
        add_late_words(session_id)

"""Lets trainees correct the transcript of their own words, once the conversation is over."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from practice import delivery, notifications
from practice.lifecycle import AsrStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.signals import turn_corrected

log = structlog.get_logger(__name__)

CHARACTERS_MAX = 2_000


class NotCorrectable(Exception):
    """The session has not ended, the turn is not the trainee's, or it is still being transcribed."""


def correct(turn: Turn, transcript: str, *, now: datetime) -> Turn:
    """Replace the transcript and keep the recognised one. Raises NotCorrectable.

    `transcript` is 1 to 2,000 characters.
    """
    with transaction.atomic():
        session = PracticeSession.objects.locked(turn.session_id)
        if session is None:
            raise NotCorrectable
        turn.refresh_from_db()
        if (
            session.status != SessionStatus.ENDED
            or turn.speaker != Speaker.TRAINEE
            or turn.asr_status == AsrStatus.PENDING
        ):
            raise NotCorrectable
        if transcript == turn.transcript:
            return turn
        measured = turn.delivery and turn.delivery | _counted(transcript, session.language)
        Turn.objects.filter(pk=turn.pk).update(
            original_transcript=Coalesce(F("original_transcript"), F("transcript")),
            transcript=transcript,
            corrected_at=now,
            doubtful=[],
            delivery=measured,
            # The words of a failed transcription are known now.
            asr_status=AsrStatus.COMPLETED if turn.asr_status == AsrStatus.FAILED else turn.asr_status,
        )
        turn_corrected.send(sender=Turn, turn=turn)
        notifications.notify(session.pk)
    turn.refresh_from_db()
    log.info("transcript corrected", sessionId=session.pk, turnId=turn.pk)
    return turn


def _counted(transcript: str, language: str) -> dict[str, int]:
    words = delivery.of_words(transcript, language)
    return {"words": words.words, "questions": words.questions, "fillers": words.fillers}

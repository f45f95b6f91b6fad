"""Creates turns with recordings."""

from datetime import UTC, datetime

from coach.storage import audio
from practice.lifecycle import AsrStatus, Speaker
from practice.models import PracticeSession, Turn
from tests.audio import sounds

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def spoken(session: PracticeSession, sequence: int = 1, mp3: bytes = b"") -> Turn:
    """A trainee's turn with its recording."""
    return Turn.objects.create(
        session=session,
        sequence=sequence,
        speaker=Speaker.TRAINEE,
        asr_status=AsrStatus.COMPLETED,
        transcript="We need to talk.",
        audio=audio.keep(mp3 or sounds.mp3(0.9), duration_ms=900, now=NOW),
        created_at=NOW,
    )

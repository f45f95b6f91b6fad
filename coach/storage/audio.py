"""Keep and read recordings, wherever their bytes are."""

import hashlib
from datetime import datetime

from coach.storage.models import AudioFile


class AudioLost(Exception):
    """The store says that these bytes do not exist."""


def keep(mp3: bytes, *, duration_ms: int, now: datetime) -> AudioFile:
    """Store a recording durably, as part of the caller's transaction."""
    return AudioFile.objects.create(
        content=mp3,
        sha256=hashlib.sha256(mp3).hexdigest(),
        size_bytes=len(mp3),
        duration_ms=duration_ms,
        created_at=now,
        next_attempt_at=now,
    )


def read(audio: AudioFile) -> bytes:
    """All bytes of a recording (at most a few hundred KiB). Raises AudioLost."""
    if audio.content is not None:
        return bytes(audio.content)
    raise AudioLost(audio.id)

"""A turn while it is uploaded, before it is submitted."""

from datetime import datetime

from coach.audio import mp3
from practice.turns.prefill import PrefillWhileSpeaking


class Upload:
    """What one socket has uploaded of the turn that is being spoken."""

    def __init__(self, sequence: int, started_at: datetime, overhearing: PrefillWhileSpeaking | None) -> None:
        self.sequence = sequence
        self.started_at = started_at
        self._sound = bytearray()
        self._overhearing = overhearing

    def add(self, piece: bytes) -> None:
        """Kept up to just past the limit, so that the check can say that it was too large."""
        room = mp3.MAX_BYTES + 1 - len(self._sound)
        self._sound += piece[: max(0, room)]
        if self._overhearing:
            self._overhearing.hear(self._sound)

    def end(self) -> None:
        """Nothing more comes."""
        if self._overhearing:
            self._overhearing.stop()

    @property
    def sound(self) -> bytes:
        return bytes(self._sound)

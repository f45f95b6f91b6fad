"""What a model said of one reply, how it ended, and what of it the trainee heard. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from practice.persona.rules.role_state import RoleState
from practice.turns.events import (
    AudioSpoken,
    Fact,
    ReplyFailed,
    ReplyFinished,
    ReplyInterrupted,
    ReplyStarted,
    RoleMoved,
    Spoken,
)
from practice.turns.truncate_transcript import truncate_transcript


@dataclass(frozen=True)
class HeardPart:
    """The part of a reply that counts as said. `audio_ms`: how much of its sound."""

    text: str
    audio_ms: int
    interrupted: bool


@dataclass
class SpokenReply:
    """Collected from facts; without a closing one it was interrupted.

    `role_state`: the persona's state after this reply; None: unchanged, or no role brief.
    """

    spoken: Spoken = field(default_factory=Spoken)
    first_audio_at: datetime | None = None
    end: ReplyFinished | ReplyInterrupted | ReplyFailed = field(default_factory=ReplyInterrupted)
    role_state: RoleState | None = None

    def add(self, fact: Fact, *, now: datetime) -> None:
        match fact:
            case ReplyStarted():
                self.first_audio_at = None
            case AudioSpoken():
                self.first_audio_at = self.first_audio_at or now
            case RoleMoved(state):
                self.role_state = state
            case ReplyFinished() | ReplyInterrupted() | ReplyFailed():
                self.end = fact
        self.spoken.add(fact)

    @property
    def refused(self) -> bool:
        """The service refused the content."""
        return isinstance(self.end, ReplyFinished) and self.end.refused

    def heard_part(self, reported_ms: int | None, *, now: datetime) -> HeardPart:
        """`reported_ms`: how much the trainee's client had played when they cut in; None: they did not.

        A reply that was stopped without a report was heard as far as the elapsed time allows. What a failed model said
        is kept whole.
        """
        heard_ms = reported_ms
        if heard_ms is None and isinstance(self.end, ReplyInterrupted):
            heard_ms = self._elapsed_ms(now)
        text, total_ms, finished = self.spoken.text, self.spoken.audio_ms, isinstance(self.end, ReplyFinished)
        if heard_ms is None or (finished and heard_ms >= total_ms):
            return HeardPart(text, total_ms, interrupted=not finished)
        heard_ms = min(total_ms, heard_ms)
        text = truncate_transcript(text, heard_ms=heard_ms, total_ms=total_ms, whole=finished)
        return HeardPart(text, heard_ms, interrupted=True)

    def _elapsed_ms(self, now: datetime) -> int:
        return round((now - self.first_audio_at).total_seconds() * 1000) if self.first_audio_at else 0

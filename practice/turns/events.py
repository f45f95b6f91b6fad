"""What happens while the AI speaks, as small facts in order."""

from dataclasses import dataclass, field

from coach.audio import encode
from coach.providers.ports import ProviderError, Usage
from practice.persona.rules.role_state import RoleState


@dataclass(frozen=True)
class ReplyStarted:
    """The model has been asked. A second one for the same turn means that it is said again from the beginning."""


@dataclass(frozen=True)
class ModelsAway:
    """The models on this machine are being restarted; the reply begins, or begins again, when they are back."""


@dataclass(frozen=True)
class TextSpoken:
    text: str


@dataclass(frozen=True)
class AudioSpoken:
    """PCM s16le, mono, 24 kHz, whole samples, exactly as the model sent them."""

    pcm: bytes


@dataclass(frozen=True)
class ReplyFinished:
    """`refused`: the service refused the content, and what was said instead asks for other words."""

    usage: Usage = field(default_factory=Usage)
    refused: bool = False


@dataclass(frozen=True)
class ReplyInterrupted:
    """Stopped before its end: barge-in, or the session ended."""


@dataclass(frozen=True)
class ReplyFailed:
    """The model could not answer, or not finish; what was said before remains said."""

    error: ProviderError


@dataclass(frozen=True)
class RoleMoved:
    """The persona's state after this reply; the last one counts. Not sent to sockets."""

    state: RoleState


Said = ReplyStarted | ModelsAway | TextSpoken | AudioSpoken
Fact = RoleMoved | Said | ReplyFinished | ReplyInterrupted | ReplyFailed
LAST = (ReplyFinished, ReplyInterrupted, ReplyFailed)


@dataclass
class Spoken:
    """Everything said so far, collected from facts."""

    text: str = ""
    pcm: bytearray = field(default_factory=bytearray)

    def add(self, fact: Fact) -> None:
        match fact:
            case ReplyStarted():
                self.text = ""
                self.pcm.clear()
            case TextSpoken(text):
                self.text += text
            case AudioSpoken(pcm):
                self.pcm += pcm

    @property
    def audio_ms(self) -> int:
        return len(self.pcm) // encode.SAMPLE_BYTES * 1000 // encode.PCM_RATE

    def __bool__(self) -> bool:
        return bool(self.text or self.pcm)

"""The interfaces we need from models, whoever serves them.

Callers use these Protocols and the errors below; wire formats, HTTP statuses and vendor names stay in this package.

    ProviderError
    ├── ProviderUnavailable   retryable: time-out, 5xx, rate limit; the caller may try again later
    │   ├── QuotaThrottled    worth one patient retry; after that the operator must act, as `spent` says
    │   └── ModelsRestarting  the models on this machine are away or being loaded; they are back in seconds
    ├── ProviderMisconfigured the operator must act: bad key, unknown model, no quota; names the variable to change
    └── ProviderRejected      this request will never succeed
        ├── ContentRefused    it may if phrased differently: the person can help
        └── MalformedAnswer   it may if repeated with the reason

No other exception leaves a client of this package, whatever a service sends.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


class ProviderError(Exception):
    """A model could not do what was asked. `str()` is for operators: short, no secret, no spoken word.

    `usage`: what the call has cost all the same, where that is known.
    """

    usage: "Usage | None" = None


class ProviderUnavailable(ProviderError):
    """Nothing wrong with the request: the service is slow, down or throttling. `retry_after` in seconds, if known."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ProviderMisconfigured(ProviderError):
    """Only an operator can help. `variable` is the setting to change."""

    def __init__(self, message: str, *, variable: str) -> None:
        super().__init__(message)
        self.variable = variable


class QuotaThrottled(ProviderUnavailable):
    """The quota is used up, possibly only for this minute: some services report both alike.

    `spent` is the error if it stays so.
    """

    def __init__(self, message: str, *, spent: ProviderMisconfigured, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.spent = spent


class ModelsRestarting(ProviderUnavailable):
    """The local model server is away or loads its models: it was started, or is started again, by supervision."""


class ProviderRejected(ProviderError):
    """The service will never answer this request."""


class ContentRefused(ProviderRejected):
    """The service refuses what was said, or what it was about to say itself."""


@dataclass(frozen=True)
class PromptLine:
    """One earlier turn for the model: text, or the recording itself if there is no transcript yet."""

    speaker: Literal["ai", "trainee"]
    text: str | None = None
    mp3: bytes | None = None


@dataclass(frozen=True)
class ReplyRequest:
    """`lines` ends with the line to be answered; it is empty for the opening turn.

    `say`: the persona's line, word for word; empty if the model should write it. Only a model on this machine gets it:
    it speaks the line without writing its own. `voice`: the persona's own, if it has one; a model without it uses the
    configured voice.
    """

    instructions: str
    lines: Sequence[PromptLine] = ()
    context: str | None = None
    session_id: str = ""
    say: str = ""
    voice: str = ""


@dataclass(frozen=True)
class TextDelta:
    """`tokens`: the service's certainty, (text, probability from 0 to 1) each, if it gives any."""

    text: str
    tokens: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class AudioDelta:
    """PCM s16le, mono, 24 kHz, whole samples."""

    pcm: bytes


@dataclass(frozen=True)
class Usage:
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


ReplyPiece = TextDelta | AudioDelta | Usage


class RoleplayModel(Protocol):
    def reply(self, request: ReplyRequest) -> AsyncIterator[ReplyPiece]:
        """Stream one spoken reply as it is generated; closing the iterator closes the connection upstream.

        Retries by itself (two, with back-off) while nothing has been yielded; raises ProviderError.
        """
        ...

    async def warm(self, request: ReplyRequest) -> None:
        """Let a local model read the instructions before the first turn; does nothing for a cloud model.

        Never raises.
        """
        ...


@dataclass(frozen=True)
class Transcript:
    """`doubtful`: (start, end) of the characters that the recogniser was unsure of, if it says so."""

    text: str
    model: str = ""
    doubtful: Sequence[tuple[int, int]] = ()


class SpeechRecognizer(Protocol):
    def transcribe(self, mp3: bytes, *, language: str, session_id: str = "") -> Transcript:
        """Transcribe one recording (MP3). One try; raises ProviderError."""
        ...


Vector = Sequence[float]


class EndOfTurnModel(Protocol):
    """Judges whether the trainee has finished, from the sound of the turn recorded so far."""

    async def finished(self, mp3: bytes) -> float | None:
        """A probability from 0 to 1; None if unknown now. Never raises for a model that is down."""
        ...


@dataclass(frozen=True)
class TurnPieces:
    """A turn of the trainee, and which pieces of it are to be embedded.

    `answered`: the line before it; "" if there is none. `pieces`: (start, end) of characters in `text`; they may
    overlap but not be empty.
    """

    text: str
    answered: str
    pieces: tuple[tuple[int, int], ...]


class SentenceEmbeddings(Protocol):
    """Sentence embeddings as unit vectors: their dot product says from -1 to 1 how similar two sentences are.

    Texts may be in any language. Results are cached. One try; raises ProviderError.
    """

    async def embed(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        """`lasting`: texts of the product, not of a person: they may be remembered for good."""
        ...

    def embed_blocking(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        """The same for callers without an event loop."""
        ...

    def embed_pieces_blocking(self, turns: Sequence[TurnPieces], *, layers: str) -> list[list[Vector]]:
        """For each turn a vector for each of its pieces, read inside the turn and with the line it answers.

        These vectors are for linear detectors: they are not of unit length, and not to be compared with those of texts.
        `layers`: the fingerprint of the trained layers that the detectors were fitted with; a server of another release
        is unavailable.
        """
        ...


@dataclass(frozen=True)
class Tool:
    """A function the model must call: JSON Schema of its arguments, strict (all required, no additional properties)."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class ToolAnswer:
    """`arguments` is a JSON object, not yet checked against the tool's schema."""

    arguments: Mapping[str, Any]
    usage: Usage = field(default_factory=Usage)
    latency_ms: int = 0


class MalformedAnswer(ProviderRejected):
    """An answer without the requested tool call: refusal, truncation, invalid JSON. `reason` is safe to feed back.

    `strayed`: the model wrote something else instead of calling, so it may have ignored the tool.
    """

    def __init__(self, reason: str, *, strayed: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.strayed = strayed


@dataclass(frozen=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


class ToolCaller(Protocol):
    def call(
        self, messages: Sequence[Message], tool: Tool, *, timeout: float, retries: int = 0, session_id: str = ""
    ) -> ToolAnswer:
        """Make the model call `tool` once. `timeout` in seconds limits each try; `retries` only where the service is
        unavailable and names no time to come back (time-out, 5xx, 429).

        Falls back from forced tool call to `response_format` to plain JSON instructions, remembered per endpoint.
        Raises MalformedAnswer or another ProviderError.
        """
        ...

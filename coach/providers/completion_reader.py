"""Reads a chat completion from the bytes of its body. Pure and incremental: no request, no clock.

One reader for roleplay and transcription, streamed or not. It accepts what public reports show services sending, skips
empty events, and counts tokens once (decision 0013).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from coach.event_stream import DONE, EventStreamReader, EventTooLong, StreamEvent, parsed
from coach.providers import reported_faults
from coach.providers.delta_pieces import DeltaPiece, delta_pieces, first_text
from coach.providers.pcm_stream import PcmStream, UnplayableSpeech
from coach.providers.ports import AudioDelta, TextDelta
from coach.providers.reported_faults import ReportedFault

_REFUSALS = {"content_filter", "content_filtered", "sensitive", "safety", "refusal", "prohibited_content", "blocklist"}
_REFUSALS |= {"moderation", "data_inspection_failed", "recitation", "spii", "guardrail_intervened"}
_BREAKDOWNS = {"error", "abort", "aborted", "network_error", "system_error", "engine_overloaded", "timeout"}
_NOT_YET = {"", "null", "none", "continue"}

CHUNK_OBJECT = "chat.completion.chunk"


@dataclass(frozen=True)
class StillAtWork:
    """The model is doing something that is neither heard nor read: it has begun, or it is reasoning."""


@dataclass(frozen=True)
class AnswerWhole:
    """The answer is complete. `body_ends`: `[DONE]` came, so the connection is about to be free."""

    body_ends: bool = False


@dataclass(frozen=True)
class AnswerRefused:
    """The service refuses to say (or process) this."""


CompletionFact = TextDelta | AudioDelta | StillAtWork | AnswerWhole | AnswerRefused | ReportedFault


class CompletionReader:
    """Feed the body as it arrives; the facts are the same however it is split. It never raises, whatever it is fed.

    `speech`: whether sound is wanted; otherwise it is skipped. After the body, `usage` and `model` are what the service
    last reported (some send running totals with every chunk).
    """

    def __init__(self, *, speech: bool) -> None:
        self.usage: Mapping[str, Any] = {}
        self.model = ""
        self.answered = False
        self.unreadable = False
        self._speech = speech
        self._events = EventStreamReader()
        self._text = SurrogateJoiner()
        self._pcm = PcmStream()
        self._text_from: tuple[Any, ...] = ()
        self._audio_from: tuple[Any, ...] = ()
        self._speaking: set[tuple[Any, ...]] = set()
        self._finished: set[tuple[Any, ...]] = set()
        self._began = False
        self._sound_follows = False
        self._done = False

    @property
    def whole(self) -> bool:
        """Every choice that has said something has finished, or the service said that it is done."""
        return self._done or (bool(self._finished) and self._speaking <= self._finished and not self._sound_follows)

    def feed(self, body: bytes) -> list[CompletionFact]:
        try:
            events = self._events.feed(body)
        except EventTooLong:
            return [ReportedFault(("endless_event",))]
        return [fact for event in events for fact in self._event(event)]

    def finish(self) -> list[CompletionFact]:
        """The facts completed by the end of the body."""
        facts = [fact for event in self._events.finish() for fact in self._event(event)]
        self._sound_follows = False
        return facts + self._rest()

    def _event(self, event: StreamEvent) -> Iterator[CompletionFact]:
        if event.data.strip('"') == DONE:
            yield from self._rest()
            self._done = True
            yield AnswerWhole(body_ends=True)
            return
        value = parsed(event.data)
        if event.data == "null":
            return  # Some services send this as a keep-alive.
        if not isinstance(value, Mapping | list):
            fault = reported_faults.in_text(event.data, event.name)
            if fault:
                yield fault
            self.unreadable = self.unreadable or not reported_faults.is_ping({}, event.name)
            return
        for chunk in value if isinstance(value, list) else [value]:
            if isinstance(chunk, Mapping):
                yield from self._chunk(chunk, event.name)
            else:
                self.unreadable = True

    def _chunk(self, chunk: Mapping[str, Any], event_name: str) -> Iterator[CompletionFact]:
        if reported_faults.is_ping(chunk, event_name):
            return
        if isinstance(chunk.get("output"), Mapping) and "choices" not in chunk:
            chunk = {**chunk, **chunk["output"]}
        if isinstance(chunk.get("usage"), Mapping) and chunk["usage"]:
            self.usage = chunk["usage"]
        if isinstance(chunk.get("model"), str):
            self.model = chunk["model"] or self.model
        fault = reported_faults.in_chunk(chunk, event_name)
        if fault:
            yield fault
        choices = chunk.get("choices")
        if isinstance(choices, Mapping):
            choices = [choices]
        for at, choice in enumerate(choices if isinstance(choices, list) else []):
            if isinstance(choice, Mapping):
                yield from self._choice(choice, at, chunk)
            else:
                self.unreadable = True
        if choices is not None and not isinstance(choices, list):
            self.unreadable = True

    def _choice(self, choice: Mapping[str, Any], at: int, chunk: Mapping[str, Any]) -> Iterator[CompletionFact]:
        delta, message = choice.get("delta"), choice.get("message")
        # Some services send the whole message so far beside every delta.
        whole = delta is None and bool(message)
        said = message if whole else delta or choice.get("text")
        if said and not isinstance(said, str | list | Mapping):
            self.unreadable = True
        elif {"delta", "message", "text", "finish_reason"} & set(choice):
            self.answered = True
        tokens = _token_probabilities(choice.get("logprobs"))
        modality = first_text(chunk.get("modality"), choice.get("modality"), _of(said, "modality")).lower()
        voice = (_whole_number(choice.get("index"), at), modality)
        # Services that mark modalities send all the text first, with its own end mark.
        self._sound_follows = self._speech and not self._audio_from and (modality == "text" or self._sound_follows)
        for piece in delta_pieces(said, as_sound=modality == "audio"):
            for fact in self._piece(piece, (*voice, "message" if whole else "delta")):
                if isinstance(fact, TextDelta) and tokens:
                    fact, tokens = replace(fact, tokens=tokens), ()
                yield fact
        yield from self._end(choice.get("finish_reason"), voice, whole and chunk.get("object") != CHUNK_OBJECT)

    def _piece(self, piece: DeltaPiece, voice: tuple[Any, ...]) -> Iterator[CompletionFact]:
        match piece.kind:
            case "text" if piece.value:
                source = (*voice, piece.place)
                if piece.value.strip():
                    self._text_from = self._text_from or source
                if self._text_from in ((), source):
                    self._speaking.add(voice[:2])
                    text = self._text.feed(piece.value)
                    if text:
                        yield TextDelta(text)
            case "sound" if self._speech:
                self._audio_from = self._audio_from or voice
                self._sound_follows = False
                if self._audio_from == voice:
                    self._speaking.add(voice[:2])
                    yield from self._sound(piece.value)
            case "refusal":
                yield AnswerRefused()
            case "work":
                yield StillAtWork()
            case "role" if not self._began:
                self._began = True
                yield StillAtWork()
            case "unreadable":
                self.unreadable = True

    def _sound(self, encoded: str) -> Iterator[CompletionFact]:
        try:
            pcm = self._pcm.feed(encoded)
        except UnplayableSpeech:
            yield ReportedFault(("unplayable_sound",))
            return
        yield AudioDelta(pcm) if pcm else StillAtWork()

    def _end(self, reason: Any, voice: tuple[Any, ...], whole: bool) -> Iterator[CompletionFact]:
        given = reason.strip().lower() if isinstance(reason, str) else "stop" if reason else ""
        if given in _REFUSALS:
            yield AnswerRefused()
        elif given in _BREAKDOWNS:
            yield ReportedFault((given,))
        elif given not in _NOT_YET or whole:
            self._finished.add(voice)
            if self.whole:
                yield from self._rest()
                yield AnswerWhole()

    def _rest(self) -> list[CompletionFact]:
        """Return sound that was held back."""
        try:
            pcm = self._pcm.finish()
        except UnplayableSpeech:
            return [ReportedFault(("unplayable_sound",))]
        return [AudioDelta(pcm)] if pcm else []


class SurrogateJoiner:
    """Removes half characters from text.

    A UTF-16 pair split over two pieces is joined; other halves and NUL are dropped.
    """

    def __init__(self) -> None:
        self._high = ""

    def feed(self, piece: str) -> str:
        text, self._high = self._high + piece, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._high = text[:-1], text[-1]
        return storable(text)


def storable(text: str) -> str:
    """Text that any database and encoder accepts."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")


def _token_probabilities(logprobs: Any) -> tuple[tuple[str, float], ...]:
    """From `{content: [{token, logprob}]}`; empty if any part has a different form."""
    content = _of(logprobs, "content")
    tokens = []
    for each in content if isinstance(content, list) else []:
        token, logprob = _of(each, "token"), _of(each, "logprob")
        if not isinstance(token, str) or isinstance(logprob, bool) or not isinstance(logprob, int | float):
            return ()
        tokens.append((storable(token), math.exp(min(0.0, logprob))))
    return tuple(tokens)


def _of(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None


def _whole_number(value: Any, otherwise: int) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise

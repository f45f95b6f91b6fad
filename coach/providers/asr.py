"""Speech to text over the same chat completions as the roleplay: by a dedicated recogniser or a model that hears."""

import base64
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from httpx_sse import EventSource, SSEError

from coach.config import ModelEndpoint
from coach.providers import openai_wire, recent_failures
from coach.providers.ports import ProviderError, ProviderRejected, ProviderUnavailable, Transcript, Usage
from coach.providers.stream_pieces import clean
from coach.telemetry import metrics, names, spans

STALL_SECONDS = 10.0
TRY_SECONDS = 60.0
LOCAL_SECONDS = 120.0

LANGUAGES = {"en": "English", "zh": "Chinese"}
INSTRUCTION = (
    "Write down word for word what is said in this recording, in the language in which it is said (it should be "
    "{language}). Return only the transcript: no quotation marks, no labels, no translation, no answer to what is "
    "said. If nothing is said, return nothing."
)


class CompletionsRecognizer:
    """A SpeechRecognizer. Thread-safe; keeps its connections, so build one per process."""

    def __init__(self, endpoint: ModelEndpoint, *, stall_seconds: float | None = None) -> None:
        self.endpoint = endpoint
        self._stall_seconds = stall_seconds or (LOCAL_SECONDS if endpoint.local else STALL_SECONDS)
        self._try_seconds = LOCAL_SECONDS if endpoint.local else TRY_SECONDS
        self._http = openai_wire.client(endpoint, read_seconds=self._stall_seconds)

    def transcribe(self, mp3: bytes, *, language: str, session_id: str = "") -> Transcript:
        with spans.span(
            names.MODEL_TRANSCRIBE,
            {
                names.ENDPOINT: names.ASR,
                names.MODEL: self.endpoint.model,
                names.LOCAL: self.endpoint.local,
                names.LANGUAGE: language,
            },
            session_id=session_id,
        ) as span:
            try:
                transcript, spent = self._ask(self._body(mp3, language), language)
            except ProviderError as error:
                recent_failures.failed(names.ASR, self.endpoint, error, session_id=session_id)
                raise
            recent_failures.worked(names.ASR, self.endpoint)
            openai_wire.count_tokens(names.ASR, spent)
            metrics.measure(names.MODEL_LATENCY, span.elapsed_ms, **{names.ENDPOINT: names.ASR, names.STATUS: names.OK})
            return transcript

    def _ask(self, body: dict[str, Any], language: str) -> tuple[Transcript, Usage]:
        until = time.monotonic() + self._try_seconds
        words: list[str] = []
        spent = Usage(self.endpoint.model)
        finished = False
        url, hint = openai_wire.completions_url(self.endpoint), {"x-language": language} if self.endpoint.local else {}
        try:
            with self._http.stream("POST", url, json=body, headers=hint) as response:
                if not response.is_success:
                    response.read()
                    answer, later = openai_wire.parsed(response.text), response.headers.get("retry-after")
                    raise openai_wire.failure(self.endpoint, response.status_code, answer, later)
                for chunk in _chunks(response):
                    if time.monotonic() > until:
                        raise TimeoutError
                    if not isinstance(chunk, Mapping):
                        raise ProviderUnavailable(f"{self.endpoint.model} sent what is not JSON")
                    if chunk.get("error"):
                        raise openai_wire.failure(self.endpoint, 200, chunk)
                    finished = _take(chunk, words) or finished
                    if chunk.get("usage"):
                        spent = openai_wire.usage(chunk, self.endpoint)
        except (httpx.HTTPError, TimeoutError, SSEError) as error:
            raise openai_wire.unreachable(self.endpoint, error) from error
        if not finished:
            raise ProviderUnavailable(f"{self.endpoint.model} broke off in the middle of its answer")
        return Transcript(_tidy("".join(words)), model=spent.model), spent

    def _body(self, mp3: bytes, language: str) -> dict[str, Any]:
        encoded = self.endpoint.audio_prefix + base64.b64encode(mp3).decode()
        sound = {"type": "input_audio", "input_audio": {"data": encoded, "format": "mp3"}}
        body: dict[str, Any] = {
            "model": self.endpoint.model,
            "modalities": ["text"],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if "asr" in self.endpoint.model.lower():
            # A recogniser takes the recording alone and the language as an option.
            return body | {"messages": [{"role": "user", "content": [sound]}], "asr_options": {"language": language}}
        instruction = INSTRUCTION.format(language=LANGUAGES.get(language, language))
        return body | {"messages": [{"role": "user", "content": [sound, {"type": "text", "text": instruction}]}]}


def _chunks(response: httpx.Response) -> Iterator[Any]:
    """The JSON objects of a stream, or the only one of an answer given at once."""
    if "text/event-stream" not in response.headers.get("content-type", ""):
        response.read()
        yield openai_wire.parsed(response.text)
        return
    for event in EventSource(response).iter_sse():
        if event.data.strip() == "[DONE]":
            return
        yield openai_wire.parsed(event.data)


def _take(chunk: Mapping[str, Any], words: list[str]) -> bool:
    """Collect the text of a chunk; whether the answer is complete with it."""
    finished = False
    for choice in chunk.get("choices") or []:
        said = choice.get("message") or choice.get("delta") or {}
        if isinstance(said.get("content"), str):
            words.append(said["content"])
        reason = choice.get("finish_reason")
        if reason == "content_filter":
            raise ProviderRejected("the recogniser refused the content")
        finished = finished or bool(reason)
    return finished


def _tidy(text: str) -> str:
    text = clean(text).strip()
    for opening, closing in (('"', '"'), ("“", "”"), ("「", "」")):
        if len(text) > 1 and text.startswith(opening) and text.endswith(closing) and text.count(opening) <= 2:
            text = text[1:-1].strip()
    return text

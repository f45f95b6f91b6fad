"""Speech to text over chat completions, like roleplay: by a dedicated recogniser or by a model that accepts audio."""

import asyncio
import base64
from contextlib import aclosing
from typing import Any

from coach.config import ModelEndpoint
from coach.providers import blocking, completion_stream, model_calls, openai_wire, recent_failures
from coach.providers.call_cost import CallCost
from coach.providers.completion_stream import Patience
from coach.providers.doubtful_words import doubtful_ranges
from coach.providers.ports import ProviderError, TextDelta, Transcript, Usage
from coach.providers.quota_patience import QuotaPatience
from coach.speech_marks import transcript_words
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
    """A SpeechRecognizer. Thread-safe; it keeps connections open, so build one per process."""

    def __init__(self, endpoint: ModelEndpoint, *, stall_seconds: float | None = None) -> None:
        self.endpoint = endpoint
        stall = stall_seconds or (LOCAL_SECONDS if endpoint.local else STALL_SECONDS)
        self._patience = Patience(first_byte=stall, stall=stall)
        self._try_seconds = LOCAL_SECONDS if endpoint.local else TRY_SECONDS
        self._clients = openai_wire.EndpointClients(endpoint, read_seconds=stall)
        self._quota = QuotaPatience()

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
            body, cost = self._body(mp3, language), CallCost(self.endpoint)
            try:
                transcript = blocking.run(self._ask(body, language, cost))
            except ProviderError as failed:
                error = self._quota.judged(failed)
                spent = cost.so_far(body["messages"], failed)
                recent_failures.failed(names.ASR, self.endpoint, error, session_id=session_id, usage=spent)
                raise error from failed.__cause__
            spent = cost.so_far(body["messages"])
            self._quota.worked()
            recent_failures.worked(names.ASR, self.endpoint)
            openai_wire.count_tokens(names.ASR, spent)
            model_calls.tell(model_calls.ModelCall(names.ASR, self.endpoint, session_id=session_id, usage=spent))
            metrics.measure(names.MODEL_LATENCY, span.elapsed_ms, **{names.ENDPOINT: names.ASR, names.STATUS: names.OK})
            return transcript

    async def _ask(self, body: dict[str, Any], language: str, cost: CallCost) -> Transcript:
        words: list[str] = []
        tokens: list[tuple[str, float]] = []
        model = self.endpoint.model
        hint = {"x-language": language} if self.endpoint.local else {}
        answer = completion_stream.answer(
            self._clients.here(), self.endpoint, body, self._patience, speech=False, headers=hint
        )
        try:
            async with asyncio.timeout(self._try_seconds), aclosing(answer) as pieces:
                async for piece in pieces:
                    cost.add(piece)
                    match piece:
                        case TextDelta(text, told):
                            words.append(text)
                            tokens += told
                        case Usage():
                            model = piece.model
        except TimeoutError as error:
            raise openai_wire.unreachable(self.endpoint, error) from error
        text = transcript_words("".join(words))
        return Transcript(text, model=model, doubtful=doubtful_ranges(text, tokens))

    def _body(self, mp3: bytes, language: str) -> dict[str, Any]:
        encoded = self.endpoint.audio_prefix + base64.b64encode(mp3).decode()
        sound = {"type": "input_audio", "input_audio": {"data": encoded, "format": "mp3"}}
        body: dict[str, Any] = {
            "model": self.endpoint.model,
            "modalities": ["text"],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if self.endpoint.local:
            body["logprobs"] = True
        if "asr" in self.endpoint.model.lower():
            # A dedicated recogniser takes only the recording, and the language as an option.
            return body | {"messages": [{"role": "user", "content": [sound]}], "asr_options": {"language": language}}
        instruction = INSTRUCTION.format(language=LANGUAGES.get(language, language))
        return body | {"messages": [{"role": "user", "content": [sound, {"type": "text", "text": instruction}]}]}

"""The client that plays the other person: streamed speech from a DashScope-compatible chat completion."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import httpx
import structlog

from coach.config import ModelEndpoint
from coach.providers import completion_stream, model_calls, openai_wire, recent_failures
from coach.providers.call_cost import CallCost
from coach.providers.completion_stream import Patience
from coach.providers.ports import (
    AudioDelta,
    PromptLine,
    ProviderError,
    ProviderUnavailable,
    QuotaThrottled,
    ReplyPiece,
    ReplyRequest,
    TextDelta,
    Usage,
)
from coach.providers.reply_time_limits import (
    FIRST_BYTE_SECONDS,
    LOCAL_STALL_SECONDS,
    STALL_SECONDS,
    WARM_SECONDS,
    wait_before_retry,
)
from coach.speech_marks import CaptionMarks
from coach.telemetry import metrics, names, spans

# A cloud model needs a user message to answer; this one represents silence.
YOUR_TURN = "(It is your turn to speak.)"

log = structlog.get_logger(__name__)


class StreamedRoleplay:
    """A RoleplayModel over server-sent events. Build one per process; it keeps a connection pool per event loop."""

    def __init__(
        self,
        endpoint: ModelEndpoint,
        *,
        first_byte_seconds: float = FIRST_BYTE_SECONDS,
        stall_seconds: float = STALL_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.endpoint = endpoint
        self._patience = Patience(first_byte_seconds, LOCAL_STALL_SECONDS if endpoint.local else stall_seconds)
        self._sleep = sleep
        self._clients = openai_wire.EndpointClients(endpoint, read_seconds=stall_seconds)

    async def reply(self, request: ReplyRequest) -> AsyncGenerator[ReplyPiece, None]:
        span = spans.begin(
            names.MODEL_REPLY,
            {names.ENDPOINT: names.ROLEPLAY, names.MODEL: self.endpoint.model, names.LOCAL: self.endpoint.local},
            session_id=request.session_id,
        )
        raised: BaseException | None = None
        attempt, heard, spoken, throttled = 0, False, False, False
        cost = CallCost(self.endpoint)
        try:
            while True:
                attempt += 1
                try:
                    async with aclosing(self._once(request)) as pieces:
                        async for piece in pieces:
                            if isinstance(piece, AudioDelta) and not heard:
                                heard = True
                                span.set(names.FIRST_AUDIO_MS, span.elapsed_ms)
                            if isinstance(piece, Usage):
                                span.set(names.INPUT_TOKENS, piece.input_tokens)
                                span.set(names.OUTPUT_TOKENS, piece.output_tokens)
                                openai_wire.count_tokens(names.ROLEPLAY, piece)
                            spoken = spoken or not isinstance(piece, Usage)
                            cost.add(piece)
                            yield piece
                            # A burst arrives in one read: let the consumers run first.
                            await asyncio.sleep(0)
                    recent_failures.worked(names.ROLEPLAY, self.endpoint)
                    return
                except ProviderError as failed:
                    error = failed.spent if throttled and isinstance(failed, QuotaThrottled) else failed
                    throttled = throttled or isinstance(error, QuotaThrottled)
                    wait = None if spoken else wait_before_retry(error, attempt)
                    recent_failures.failed(
                        names.ROLEPLAY,
                        self.endpoint,
                        error,
                        session_id=request.session_id,
                        attempt=attempt,
                        usage=cost.so_far(self._messages(request), failed),
                    )
                    if wait is None:
                        raise error from failed.__cause__
                metrics.count(names.PROVIDER_RETRIES, **{names.ENDPOINT: names.ROLEPLAY})
                await self._sleep(wait)
        except BaseException as error:
            raised = error
            raise
        finally:
            span.set(names.RETRIES, attempt - 1)
            span.end(raised)
            if spoken and not isinstance(raised, ProviderError):
                usage = cost.so_far(self._messages(request))
                model_calls.tell(
                    model_calls.ModelCall(names.ROLEPLAY, self.endpoint, session_id=request.session_id, usage=usage)
                )
            status = names.OK if raised is None else names.FAILED
            if not isinstance(raised, GeneratorExit | asyncio.CancelledError):
                metrics.measure(
                    names.MODEL_LATENCY,
                    span.elapsed_ms,
                    **{names.ENDPOINT: names.ROLEPLAY, names.STATUS: status},
                )

    async def warm(self, request: ReplyRequest) -> None:
        if not self.endpoint.local:
            return
        body = self._body(request) | {"warm": True, "stream": False}
        try:
            response = await self._clients.here().post(
                openai_wire.completions_url(self.endpoint), json=body, headers={"x-warm": "1"}, timeout=WARM_SECONDS
            )
        except httpx.HTTPError as error:
            log.debug("the model could not be warmed", error=type(error).__name__, sessionId=request.session_id)
        else:
            log.debug("the model was warmed", statusCode=response.status_code, sessionId=request.session_id)

    async def _once(self, request: ReplyRequest) -> AsyncGenerator[ReplyPiece, None]:
        """One try with one connection, closed as soon as the iterator is."""
        marks, spoken = CaptionMarks(), False
        answer = completion_stream.answer(
            self._clients.here(), self.endpoint, self._body(request), self._patience, speech=True
        )
        async with aclosing(answer) as pieces:
            async for piece in pieces:
                shown: ReplyPiece | None = piece
                if isinstance(piece, TextDelta):
                    text = marks.feed(piece.text)
                    shown = TextDelta(text) if text else None
                if shown is not None:
                    spoken = spoken or not isinstance(shown, Usage)
                    yield shown
        if rest := marks.finish():
            spoken = True
            yield TextDelta(rest)
        if not spoken:
            raise ProviderUnavailable(f"{self.endpoint.model} gave an empty reply")

    def _body(self, request: ReplyRequest) -> dict[str, Any]:
        given = {"say": request.say} if request.say and self.endpoint.local else {}
        return {
            **given,
            "model": self.endpoint.model,
            "messages": self._messages(request),
            "modalities": ["text", "audio"],
            "audio": {"voice": self._voice(request), "format": "wav"},
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    def _voice(self, request: ReplyRequest) -> str:
        """The voice to ask for: a cloud model refuses one that it does not have."""
        offered = self.endpoint.local or request.voice in self.endpoint.voices
        return request.voice if request.voice and offered else self.endpoint.voice

    def _messages(self, request: ReplyRequest) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = [{"role": "system", "content": request.instructions}]
        last = len(request.lines) - 1
        for at, line in enumerate(request.lines):
            message = self._message(line, request.context if at == last else None)
            if message:
                messages.append(message)
        if messages[-1]["role"] != "user" and not self.endpoint.local:
            messages.append({"role": "user", "content": YOUR_TURN})
        return messages

    def _message(self, line: PromptLine, context: str | None) -> dict[str, Any] | None:
        if line.speaker == "ai":
            return {"role": "assistant", "content": line.text} if line.text else None
        parts: list[dict[str, Any]] = []
        if line.text:
            parts.append({"type": "text", "text": line.text})
        elif line.mp3:
            encoded = self.endpoint.audio_prefix + base64.b64encode(line.mp3).decode()
            parts.append({"type": "input_audio", "input_audio": {"data": encoded, "format": "mp3"}})
        if context:
            parts.append({"type": "text", "text": context})
        if not parts:
            return None
        only_words = len(parts) == 1 and parts[0]["type"] == "text"
        return {"role": "user", "content": parts[0]["text"] if only_words else parts}

    async def close(self) -> None:
        """Drop the connections of this event loop."""
        await self._clients.close()

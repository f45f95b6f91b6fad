"""Runs one streamed chat completion over HTTP, from the request to the complete answer, within deadlines.

Used by roleplay and transcription. Comments and empty events are no sign of life: the deadline applies between events
that say something.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

import httpx
import structlog

from coach.config import ModelEndpoint
from coach.event_stream import EventStreamReader, parsed
from coach.providers import fault_mapping, openai_wire
from coach.providers.completion_reader import AnswerRefused, AnswerWhole, CompletionFact, CompletionReader
from coach.providers.ports import (
    AudioDelta,
    ContentRefused,
    ProviderError,
    ProviderUnavailable,
    TextDelta,
    Usage,
)
from coach.providers.reported_faults import ReportedFault

# After the answer is complete: time for the token count and `[DONE]`, and then for the body to end.
COUNT_SECONDS = 0.5
END_SECONDS = 0.25
# Limits for the body of a refusal, which is a page of text at most.
REFUSAL_SECONDS = 5.0
REFUSAL_BYTES = 256 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Patience:
    """Seconds until the first byte, and between events that say something."""

    first_byte: float
    stall: float


async def answer(
    http: httpx.AsyncClient,
    endpoint: ModelEndpoint,
    body: Mapping[str, Any],
    patience: Patience,
    *,
    speech: bool,
    headers: Mapping[str, str] | None = None,
) -> AsyncGenerator[TextDelta | AudioDelta | Usage, None]:
    """Yield what the model says, as it arrives, and finally its token usage.

    Closing the iterator closes the connection.

    Ends once the answer is complete, whatever the connection does next. Raises ProviderError and nothing else.
    """
    try:
        asked = http.build_request("POST", openai_wire.completions_url(endpoint), json=body, headers=headers)
        async with asyncio.timeout(patience.first_byte):
            response = await http.send(asked, stream=True)
        try:
            if not response.is_success:
                raise await _refusal(endpoint, response)
            async with aclosing(_AnswerUnderWay(endpoint, response, patience, speech).pieces()) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            await response.aclose()
    except ProviderError:
        raise
    except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
        raise openai_wire.unreachable(endpoint, error) from error
    except Exception as error:
        log.exception("a model client broke", error=type(error).__name__)
        raise ProviderUnavailable(f"the answer of {endpoint.model} could not be dealt with") from error


class _AnswerUnderWay:
    """Reads the body of one answer."""

    def __init__(self, endpoint: ModelEndpoint, response: httpx.Response, patience: Patience, speech: bool) -> None:
        self._endpoint = endpoint
        self._response = response
        self._patience = patience
        self._reader = CompletionReader(speech=speech)
        self._now = asyncio.get_running_loop().time
        self._deadline = self._now() + patience.stall
        self._said = False
        self._whole = False
        self._body_ends = False

    async def pieces(self) -> AsyncGenerator[TextDelta | AudioDelta | Usage, None]:
        broken: Exception | None = None
        ended = False
        async with aclosing(_body(self._response)) as body:
            while not ended:
                try:
                    async with asyncio.timeout_at(self._deadline):
                        facts = self._reader.feed(await anext(body))
                except StopAsyncIteration:
                    ended, facts = True, self._reader.finish()
                except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
                    ended, broken, facts = True, error, self._reader.finish()
                for fact in facts:
                    piece = self._piece(fact)
                    if piece is not None:
                        yield piece
                # Only now: the consumer of the pieces may have taken its time.
                self._extend(facts)
        if self._reader.usage:
            yield openai_wire.usage({"usage": self._reader.usage, "model": self._reader.model}, self._endpoint)
        if not self._reader.whole:
            raise broken or self._unfinished()
        if not self._said and (self._reader.unreadable or not self._reader.answered):
            raise ProviderUnavailable(f"{self._endpoint.model} sent an answer that cannot be read")

    def _piece(self, fact: CompletionFact) -> TextDelta | AudioDelta | None:
        """The part of this fact to pass on. Raises what the service reports, unless the answer was already complete."""
        match fact:
            case TextDelta() | AudioDelta():
                self._said = True
                return fact
            case AnswerWhole(body_ends):
                self._whole = True
                self._body_ends = self._body_ends or body_ends
            case AnswerRefused() if not self._whole:
                raise ContentRefused(f"{self._endpoint.model} refused the content")
            case ReportedFault() if not self._whole:
                raise fault_mapping.reported(self._endpoint, 200, fact, self._response.headers)
        return None

    def _extend(self, facts: list[CompletionFact]) -> None:
        """Extend the deadline if something was said."""
        if self._body_ends:
            if any(isinstance(fact, AnswerWhole) for fact in facts):
                self._deadline = self._now() + END_SECONDS
        elif facts:
            self._deadline = self._now() + (COUNT_SECONDS if self._reader.whole else self._patience.stall)

    def _unfinished(self) -> ProviderUnavailable:
        if "html" in self._response.headers.get("content-type", ""):
            at = f"{openai_wire.host(self._endpoint)}; check {openai_wire.base_variable(self._endpoint)}"
            return ProviderUnavailable(f"a web page answered instead of {self._endpoint.model} at {at}")
        return ProviderUnavailable(f"{self._endpoint.model} broke off in the middle of its answer")


def _body(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The body, decompressed if necessary; httpx promises an iterator and returns a generator."""
    return cast("AsyncGenerator[bytes, None]", response.aiter_bytes())


async def _refusal(endpoint: ModelEndpoint, response: httpx.Response) -> ProviderError:
    """The error for an unsuccessful status; its body may be anything, or never arrive."""
    received = bytearray()
    try:
        async with asyncio.timeout(REFUSAL_SECONDS), aclosing(_body(response)) as body:
            async for piece in body:
                received += piece
                if len(received) > REFUSAL_BYTES:
                    break
    except (httpx.HTTPError, httpx.StreamError, TimeoutError):
        log.debug("a refusal broke off", statusCode=response.status_code)
    return fault_mapping.failure(endpoint, response.status_code, _first_value(bytes(received)), response.headers)


def _first_value(body: bytes) -> Any:
    """The JSON of a body, even inside an event; None for a web page or an empty body."""
    events = EventStreamReader()
    values = [parsed(event.data) for event in events.feed(body) + events.finish()]
    return next((value for value in values if value is not None), None)

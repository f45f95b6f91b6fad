"""What one call has cost: as counted by the service, else estimated from what was sent and received."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx

from coach.config import ModelEndpoint
from coach.providers import openai_wire, token_estimate
from coach.providers.ports import AudioDelta, ProviderError, ReplyPiece, TextDelta, Usage

# Failures before the service had the request: it cannot have worked on it.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class CallCost:
    """Of a streamed call: gets every piece of the answer, over all tries."""

    def __init__(self, endpoint: ModelEndpoint) -> None:
        self._endpoint = endpoint
        self._counted: Usage | None = None
        self._text_bytes = self._pcm_bytes = 0

    def add(self, piece: ReplyPiece) -> None:
        match piece:
            case Usage():
                self._counted = piece
            case TextDelta(text):
                self._text_bytes += len(text.encode("utf-8", "replace"))
            case AudioDelta(pcm):
                self._pcm_bytes += len(pcm)

    def so_far(self, messages: Sequence[Mapping[str, Any]], error: ProviderError | None = None) -> Usage:
        """`error`: how the call failed, if it did."""
        if self._counted is not None:
            return self._counted
        answered = self._text_bytes or self._pcm_bytes
        if self._endpoint.local or not (answered or (error and _was_under_way(error.__cause__))):
            return Usage(self._endpoint.model)
        return Usage(
            self._endpoint.model,
            token_estimate.of_messages(messages),
            token_estimate.of_reply(self._text_bytes, self._pcm_bytes),
        )


def of_whole_answer(
    endpoint: ModelEndpoint, body: Mapping[str, Any], answer: Mapping[str, Any], answer_bytes: int
) -> Usage:
    """Of an answer that came in one piece, whether or not it can be used. `body`: of the request."""
    counted = openai_wire.usage(answer, endpoint)
    if endpoint.local or counted.input_tokens or counted.output_tokens:
        return counted
    return replace(counted, input_tokens=_sent(body), output_tokens=token_estimate.of_text(answer_bytes))


def of_missed_answer(endpoint: ModelEndpoint, body: Mapping[str, Any], error: Exception, seconds: float) -> Usage:
    """Of an answer that should have come in one piece and was late or broke off after `seconds`."""
    if endpoint.local or not _was_under_way(error):
        return Usage(endpoint.model)
    generated = min(token_estimate.of_thinking(seconds), body["max_completion_tokens"])
    return Usage(endpoint.model, _sent(body), generated)


def _was_under_way(error: BaseException | None) -> bool:
    """Whether the service may have worked on a request that failed with this: it was late, or broke off."""
    return isinstance(error, httpx.TransportError | TimeoutError) and not isinstance(error, NEVER_SENT)


def _sent(body: Mapping[str, Any]) -> int:
    return token_estimate.of_text(len(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")))

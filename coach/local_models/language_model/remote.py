"""Uses a language model of another server: any OpenAI-compatible one such as Ollama, llama.cpp or vLLM."""

import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from coach.event_stream import json_objects
from coach.local_models.language_model.llm import (
    EngineError,
    EngineGone,
    Precedence,
    PromptTooLong,
    Script,
    TokenCount,
    odds,
)
from coach.speech_marks import CaptionMarks

SILENCE = 120.0  # seconds without a byte
CONNECT_SECONDS = 5.0
# A server that stopped, or is stopped in the middle of an answer.
AWAY = (httpx.NetworkError, httpx.ConnectTimeout, httpx.RemoteProtocolError)
# Asks a model that reasons to answer at once: the first is for Ollama, the second for llama.cpp and vLLM. Servers that
# know neither ignore them or refuse the request.
WITHOUT_REASONING: Mapping[str, Any] = {
    "reasoning_effort": "none",
    "chat_template_kwargs": {"enable_thinking": False},
}


class Remote:
    """`base` ends in /v1. Uses the first model that the server lists; a `#name` after the base chooses another.

    `gone` is called whenever a request shows that the server is away.
    """

    def __init__(
        self,
        base: str,
        transport: httpx.AsyncBaseTransport | None = None,
        gone: Callable[[], None] = lambda: None,
    ) -> None:
        base, _, self._model = base.partition("#")
        self._gone = gone
        self.name = self._model or base
        self._http = httpx.AsyncClient(
            base_url=base.rstrip("/"),
            timeout=httpx.Timeout(SILENCE, connect=CONNECT_SECONDS),
            transport=transport,
            # A proxy of the environment would look for this machine's own server on itself.
            trust_env=not _is_this_machine(base),
        )
        self._extras = WITHOUT_REASONING
        self.precedence = Precedence()

    async def speak(self, script: Script, *, max_tokens: int, tally: TokenCount) -> AsyncIterator[str]:
        body = {
            "messages": list(script.messages),
            "max_tokens": max_tokens,
            "temperature": 0.7,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        marks, line = CaptionMarks(), FirstLine()
        usage: Any = None
        answered = False
        async with self.precedence.turn():
            try:
                async with self._streamed(body) as response:
                    async for chunk in json_objects(response.aiter_bytes()):
                        if chunk.get("error"):
                            raise _refusal(200, json.dumps(chunk).encode())
                        usage = chunk.get("usage") or usage
                        for choice in _choices(chunk):
                            answered = True
                            if piece := line.feed(marks.feed(_content(choice.get("delta")))):
                                yield piece
                        if line.ended:
                            return
                if not answered:
                    raise EngineError(f"the model server at {self.name} sent nothing that can be read")
                if piece := line.feed(marks.finish()):
                    yield piece
            except (httpx.HTTPError, ValueError) as fault:
                raise self._failure("stopped answering", fault) from fault
            finally:
                # Some send the running total with every chunk.
                _count({"usage": usage}, tally)

    async def warm(self, script: Script, tally: TokenCount, *, again: bool = True) -> None:
        tries = itertools.count()

        async def read() -> None:
            if again or not next(tries):
                _count(await self._whole({"messages": list(script.messages), "max_tokens": 1}), tally)

        await self.precedence.reading(read)

    async def answer(
        self,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any] | None,
        *,
        max_tokens: int,
        tally: TokenCount,
    ) -> str:
        body: dict[str, Any] = {"messages": list(messages), "max_tokens": max_tokens, "temperature": 0.0}
        if schema is not None:
            form = {"name": "answer", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": form}

        async def decide() -> str:
            said = await self._whole(body)
            _count(said, tally)
            for choice in _choices(said):
                marks = CaptionMarks()
                return (marks.feed(_content(choice.get("message"))) + marks.finish()).strip()
            raise EngineError(f"the model server at {self.name} sent an answer without a message")

        return await self.precedence.background(decide)

    async def yes_no_log_odds(
        self, messages: Sequence[Mapping[str, str]], answers: tuple[str, str], *, tally: TokenCount
    ) -> float | None:
        body = {"messages": list(messages), "max_tokens": 1, "temperature": 0.0, "logprobs": True, "top_logprobs": 20}

        async def read() -> float | None:
            said = await self._whole(body)
            _count(said, tally)
            told = next(_choices(said), {}).get("logprobs")
            return odds(told.get("content") if isinstance(told, dict) else None, answers)

        return await self.precedence.background(read)

    async def answers(self) -> bool:
        """Whether anything answers at its address."""
        try:
            await self._http.get("models", timeout=CONNECT_SECONDS)
        except httpx.HTTPError:
            return False
        return True

    async def close(self) -> None:
        await self._http.aclose()

    def _failure(self, what: str, fault: Exception) -> EngineError:
        said = f"the model server at {self.name} {what} ({type(fault).__name__})"
        if not isinstance(fault, AWAY):
            return EngineError(said)
        self._gone()
        return EngineGone(said)

    async def _named(self, body: dict[str, Any]) -> dict[str, Any]:
        if not self._model:
            response = await self._http.get("models")
            listed = response.json().get("data") if response.status_code == 200 else None
            if not listed:
                raise EngineError(f"the model server at {self.name} lists no model; load one or add #name to LOCAL_LLM")
            self._model = self.name = str(listed[0]["id"])
        return {"model": self._model, **self._extras, **body}

    @asynccontextmanager
    async def _streamed(self, body: dict[str, Any]) -> AsyncIterator[httpx.Response]:
        """An answer that begins well. Raises EngineError."""
        while True:
            async with self._http.stream("POST", "chat/completions", json=await self._named(body)) as response:
                if response.status_code == 200:
                    yield response
                    return
                self._check(response.status_code, await response.aread())

    def _check(self, status: int, refusal: bytes) -> None:
        """Returns where the request may be made once more, without the extras. Raises EngineError."""
        error = _refusal(status, refusal)
        if isinstance(error, PromptTooLong) or status not in (400, 422) or not self._extras:
            raise error
        self._extras = {}

    async def _whole(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = await self._http.post("chat/completions", json=await self._named(body))
            if response.status_code != 200:
                self._check(response.status_code, response.content)
                return await self._whole(body)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as fault:
            raise self._failure("did not answer", fault) from fault
        if not isinstance(answer, dict):
            raise EngineError(f"the model server at {self.name} sent something else than an answer")
        return answer


class FirstLine:
    """Of text in pieces, its first line with words in it: some models begin with empty ones, some go on for others.

    Not left to the server as a stop sequence, which would end such an answer before it begins.
    """

    def __init__(self) -> None:
        self.ended = False
        self._begun = False

    def feed(self, piece: str) -> str:
        if self.ended:
            return ""
        if not self._begun:
            piece = piece.lstrip()
            self._begun = bool(piece)
        line, line_break, _ = piece.partition("\n")
        self.ended = bool(line_break)
        return line


def _is_this_machine(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _choices(chunk: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    choices = chunk.get("choices")
    return (choice for choice in choices if isinstance(choice, dict)) if isinstance(choices, list) else iter(())


def _content(said: Any) -> str:
    """The text of a delta or message, whole or in parts; what the model thinks stands in fields of its own."""
    content = said.get("content") if isinstance(said, dict) else None
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _count(chunk: Mapping[str, Any], tally: TokenCount) -> None:
    usage = chunk.get("usage")
    if isinstance(usage, Mapping):
        tally.input_tokens += _tokens(usage.get("prompt_tokens"))
        tally.output_tokens += _tokens(usage.get("completion_tokens"))


def _tokens(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _refusal(status: int, body: bytes) -> EngineError:
    text = body.decode("utf-8", "replace")
    if "context" in text and ("exceed" in text or "maximum" in text):
        return PromptTooLong("the conversation is longer than the model can read")
    return EngineError(f"the model server refused ({status})")

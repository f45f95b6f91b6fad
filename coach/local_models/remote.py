"""A language model that another server runs: any OpenAI-compatible base such as Ollama, llama.cpp or vLLM."""

import itertools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx

from coach.event_stream import json_objects
from coach.local_models.llm import EngineError, Precedence, PromptTooLong, Script, TokenCount, odds

SILENCE = 120.0  # seconds without a byte


class Remote:
    """`base` ends in /v1. The first model that the server lists is used; a `#name` after the base chooses another."""

    def __init__(self, base: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        base, _, self._model = base.partition("#")
        self.name = self._model or base
        self._http = httpx.AsyncClient(
            base_url=base.rstrip("/"), timeout=httpx.Timeout(SILENCE, connect=5.0), transport=transport
        )
        self.precedence = Precedence()

    async def speak(self, script: Script, *, max_tokens: int, tally: TokenCount) -> AsyncIterator[str]:
        body = {
            "messages": list(script.messages),
            "max_tokens": max_tokens,
            "stop": ["\n"],
            "temperature": 0.7,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        async with self.precedence.turn():
            try:
                async with self._http.stream("POST", "chat/completions", json=await self._named(body)) as response:
                    if response.status_code != 200:
                        raise _refusal(response.status_code, await response.aread())
                    answered = False
                    async for chunk in json_objects(response.aiter_bytes()):
                        if chunk.get("error"):
                            raise _refusal(200, json.dumps(chunk).encode())
                        _count(chunk, tally)
                        for choice in chunk.get("choices") or []:
                            answered = True
                            if piece := (choice.get("delta") or {}).get("content"):
                                yield piece
                    if not answered:
                        raise EngineError(f"the model server at {self.name} sent nothing that can be read")
            except (httpx.HTTPError, ValueError) as fault:
                raise EngineError(
                    f"the model server at {self.name} stopped answering ({type(fault).__name__})"
                ) from fault

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
            try:
                return str(said["choices"][0]["message"].get("content") or "")
            except (KeyError, IndexError, AttributeError, TypeError) as fault:
                raise EngineError(f"the model server at {self.name} sent an answer without a message") from fault

        return await self.precedence.background(decide)

    async def yes_no_log_odds(
        self, messages: Sequence[Mapping[str, str]], answers: tuple[str, str], *, tally: TokenCount
    ) -> float | None:
        body = {"messages": list(messages), "max_tokens": 1, "temperature": 0.0, "logprobs": True, "top_logprobs": 20}

        async def read() -> float | None:
            said = await self._whole(body)
            _count(said, tally)
            choice = (said.get("choices") or [{}])[0]
            return odds((choice.get("logprobs") or {}).get("content"), answers)

        return await self.precedence.background(read)

    async def close(self) -> None:
        await self._http.aclose()

    async def _named(self, body: dict[str, Any]) -> dict[str, Any]:
        if not self._model:
            response = await self._http.get("models")
            listed = response.json().get("data") if response.status_code == 200 else None
            if not listed:
                raise EngineError(f"the model server at {self.name} lists no model; load one or add #name to LOCAL_LLM")
            self._model = self.name = str(listed[0]["id"])
        return {"model": self._model, **body}

    async def _whole(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = await self._http.post("chat/completions", json=await self._named(body))
            if response.status_code != 200:
                raise _refusal(response.status_code, response.content)
            answer: dict[str, Any] = response.json()
        except (httpx.HTTPError, ValueError) as fault:
            raise EngineError(f"the model server at {self.name} did not answer ({type(fault).__name__})") from fault
        return answer


def _count(chunk: Mapping[str, Any], tally: TokenCount) -> None:
    if usage := chunk.get("usage"):
        tally.input_tokens += int(usage.get("prompt_tokens") or 0)
        tally.output_tokens += int(usage.get("completion_tokens") or 0)


def _refusal(status: int, body: bytes) -> EngineError:
    text = body.decode("utf-8", "replace")
    if "context" in text and ("exceed" in text or "maximum" in text):
        return PromptTooLong("the conversation is longer than the model can read")
    return EngineError(f"the model server refused ({status})")

"""Runs one chat completion, from request to answer."""

import base64
import contextlib
import json
import math
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from coach.local_models.api import forms
from coach.local_models.api.chat_requests import Heard, Request
from coach.local_models.api.http_answers import EventStream, failure, unless_gone
from coach.local_models.language_model import judging
from coach.local_models.language_model.llm import Engine, EngineError, TokenCount
from coach.local_models.machine import Machine
from coach.local_models.speech.audio_input import UnreadableAudio
from coach.local_models.spoken_reply import reply

ANSWER_TOKENS = 1500
LEAST_SURE = 1e-6
"""The smallest probability: 0 has no logarithm."""


class Completion:
    """One request, from its parts to its answer."""

    def __init__(self, machine: Machine, request: Request) -> None:
        self._machine = machine
        self._request = request
        self._tally = TokenCount()
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())

    async def answer(self, http: HttpRequest) -> Response:
        if self._request.part == "roleplay" and not self._request.warm:
            return EventStream(self._reply())
        work = {"roleplay": self._warm, "asr": self._transcribe, "text": self._decide}[self._request.part]
        if self._request.stream and not self._request.warm:
            return EventStream(self._one_piece(work))
        try:
            message, finish = await unless_gone(http, work())
        except (EngineError, UnreadableAudio) as fault:
            return failure(fault)
        beside = {"logprobs": message.pop("logprobs")} if "logprobs" in message else {}
        choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish} | beside
        return JSONResponse(self._frame("chat.completion", [choice]) | {"usage": self._usage()})

    async def _reply(self) -> AsyncIterator[dict[str, Any]]:
        yield self._chunk({"role": "assistant", "content": ""})
        said = ""
        async with self._turn():
            if self._request.say:
                stream = reply.recite(self._request, self._machine.say)
            else:
                begun = time.monotonic()
                part = await reply.understood(self._request, self._machine.hear)
                self._tally.hearing = time.monotonic() - begun
                stream = reply.speak(part, self._engine, self._machine.say, self._tally)
            async with contextlib.aclosing(stream) as facts:  # type: ignore[type-var]
                async for fact in facts:
                    if isinstance(fact, reply.ReplyText):
                        said += fact.text
                        yield self._chunk({"content": fact.text})
                    else:
                        yield self._chunk({"audio": {"data": base64.b64encode(fact.pcm).decode()}})
        self._machine.afterwards(self._prefill_next_turn(said.strip()))
        yield self._chunk({}, finish="stop")
        if self._request.include_usage:
            yield self._frame("chat.completion.chunk", []) | {"usage": self._usage()}

    async def _prefill_next_turn(self, said: str) -> None:
        with contextlib.suppress(UnreadableAudio):
            part = await reply.understood(self._request, self._machine.hear)
            await reply.prefill_next_turn(part, said, self._engine)

    async def _warm(self) -> tuple[dict[str, Any], str]:
        if self._request.say:
            async with contextlib.aclosing(reply.recite(self._request, self._machine.say)) as facts:  # type: ignore[type-var]
                async for fact in facts:
                    if isinstance(fact, reply.ReplySound):
                        break
            return {"content": ""}, "stop"
        if self._request.is_partial_turn:
            async with self._engine.precedence.speech():
                if script := await reply.partial_turn(self._request, self._machine.hear):
                    await self._engine.warm(script, self._tally, again=False)
            return {"content": ""}, "stop"
        await self._machine.prepare(self._request.language)
        part = await reply.understood(self._request, self._machine.hear)
        for script in part.scripts():
            await self._engine.warm(script, self._tally)
        return {"content": ""}, "stop"

    async def _transcribe(self) -> tuple[dict[str, Any], str]:
        recordings = [piece for line in self._request.lines for piece in line.pieces if isinstance(piece, Heard)]
        heard = [await self._machine.hear(piece.recording, self._request.language) for piece in recordings]
        message: dict[str, Any] = {"content": " ".join(speech.text for speech in heard if speech.text)}
        if len(heard) == 1 and heard[0].words:
            told = [{"token": word, "logprob": math.log(max(sure, LEAST_SURE))} for word, sure in heard[0].words]
            message["logprobs"] = {"content": told}
        return message, "stop"

    async def _decide(self) -> tuple[dict[str, Any], str]:
        messages = [{"role": line.role, "content": line.text} for line in self._request.lines]
        schema, tool = self._request.schema, self._request.tool
        most = min(self._request.max_tokens or ANSWER_TOKENS, ANSWER_TOKENS)
        if schema is None:
            said = await self._engine.answer(messages, None, max_tokens=most, tally=self._tally)
            return {"content": said}, "stop"
        form = forms.form_of(schema)
        async with self._engine.precedence.form:
            for share in forms.shares(schema):
                value = await judging.likelihood(share.question, messages, self._engine, self._tally)
                if value is None:
                    break
                form = forms.settled(form, share.path, value)
        filled = forms.complete(form)
        if filled is None:
            asked = [*messages, {"role": "user", "content": forms.explained(tool, form)}]
            said = await self._engine.answer(asked, form, max_tokens=most, tally=self._tally)
            try:
                filled = json.loads(said)
            except ValueError:
                return {"content": said}, "length"  # cut off before the form was complete
        arguments = json.dumps(forms.arguments_of(filled, schema), ensure_ascii=False)
        if tool is None:
            return {"content": arguments}, "stop"
        call = {
            "id": f"call_{uuid.uuid4().hex}",
            "type": "function",
            "function": {"name": tool, "arguments": arguments},
        }
        return {"content": None, "tool_calls": [call]}, "tool_calls"

    async def _one_piece(
        self, work: Callable[[], Awaitable[tuple[dict[str, Any], str]]]
    ) -> AsyncIterator[dict[str, Any]]:
        """Stream an answer that is only known as a whole."""
        yield self._chunk({"role": "assistant"})
        message, finish = await work()
        if "tool_calls" in message:
            message = message | {"tool_calls": [{"index": 0, **call} for call in message["tool_calls"]]}
        yield self._chunk(message)
        yield self._chunk({}, finish=finish)
        if self._request.include_usage:
            yield self._frame("chat.completion.chunk", []) | {"usage": self._usage()}

    def _turn(self) -> contextlib.AbstractAsyncContextManager[None]:
        engine = self._machine.engine
        return engine.precedence.turn() if engine else contextlib.nullcontext()

    @property
    def _engine(self) -> Engine:
        if self._machine.engine is None:
            raise EngineError("the language model is not loaded")
        return self._machine.engine

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        beside = {"logprobs": delta.pop("logprobs")} if "logprobs" in delta else {}
        choice = {"index": 0, "delta": delta, "finish_reason": finish} | beside
        return self._frame("chat.completion.chunk", [choice])

    def _frame(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": kind,
            "created": self._created,
            "model": self._request.model,
            "choices": choices,
        }

    def _usage(self) -> dict[str, Any]:
        read_, written = self._tally.input_tokens, self._tally.output_tokens
        fresh, hearing = self._tally.fresh_tokens, round(self._tally.hearing, 3)
        return {
            "prompt_tokens": read_,
            "completion_tokens": written,
            "total_tokens": read_ + written,
            "local": {"fresh_tokens": fresh, "hearing_seconds": hearing},
        }

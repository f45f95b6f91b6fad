"""The wire: OpenAI-compatible chat completions as DashScope speaks them, on loopback.

    GET  /health                what is loaded: {status, parts: {part: {status, progress, detail}}, languages, model}
    GET  /v1/models             local-roleplay, local-asr, local-text, local-embeddings, as far as they are served
    POST /v1/chat/completions   routed by the shape of the request:
        modalities with "audio"         a spoken reply, streamed: delta.content, delta.audio.data (base64 PCM s16le,
                                        24 kHz, mono, whole samples), finish_reason, usage, [DONE]
        an input_audio part, no audio   the transcript of the recordings
        anything else                   text; a forced tool call or a JSON Schema is held to by constrained decoding

    POST /v1/embeddings         {input: text or texts, encoding_format?: float or base64}: a unit vector for each text

A roleplay request with `X-Warm: 1` (or `"warm": true` in the body) is only read: the script's beginning is then in the
model's cache, and the answer is an empty completion. It gives way to every turn. Where it ends with a recording, the
trainee is taken to speak still: what they have said for certain is read, and paperwork waits.

`X-Language: en|zh`, `"language"` or `asr_options.language` name the language; else it is guessed from the text.

Closing the connection stops the model. While a part is loading the answer is 503 with `Retry-After` and
`code: "models_loading"`.
"""

import asyncio
import base64
import contextlib
import json
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from coach.local_models import forms, judging, reply
from coach.local_models.audio_input import UnreadableAudio
from coach.local_models.chat_requests import BadRequest, EmbeddingsRequest, Heard, Part, Request, read, read_embeddings
from coach.local_models.llm import Engine, EngineError, PromptTooLong, Tally
from coach.local_models.machine import Machine

MOST_BODY = 24 << 20  # bytes; several turns may travel as recordings
PING_SECONDS = 2.0
ANSWER_TOKENS = 1500
RETRY_LOADING = "2"
RETRY_FAILED = "30"
MODELS: Mapping[Part, str] = {
    "roleplay": "local-roleplay",
    "asr": "local-asr",
    "text": "local-text",
    "embeddings": "local-embeddings",
}

log = logging.getLogger(__name__)


class Gone(Exception):
    """The client closed the connection; nobody is left to answer."""


def application(machine: Machine) -> Starlette:
    """The ASGI application around `machine`, which it starts and closes."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        machine.start()
        yield
        await machine.close()

    async def health(_: HttpRequest) -> Response:
        return JSONResponse(machine.health())

    async def models(_: HttpRequest) -> Response:
        data = [{"id": MODELS[part], "object": "model", "owned_by": "local"} for part in machine.parts]
        return JSONResponse({"object": "list", "data": data})

    async def completions(http: HttpRequest) -> Response:
        try:
            request = read(await _body(http), http.headers)
        except BadRequest as fault:
            return _error(400, str(fault), "invalid_request_error", param=fault.param)
        return _not_ready(machine, request.part) or await Completion(machine, request).answer(http)

    async def embeddings(http: HttpRequest) -> Response:
        try:
            request = read_embeddings(await _body(http))
        except BadRequest as fault:
            return _error(400, str(fault), "invalid_request_error", param=fault.param)
        return _not_ready(machine, "embeddings") or await _embedded(machine, request)

    routes = [
        Route("/health", health),
        Route("/v1/models", models),
        Route("/v1/chat/completions", completions, methods=["POST"]),
        Route("/v1/embeddings", embeddings, methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _not_ready(machine: Machine, part: Part) -> Response | None:
    if part not in machine.parts:
        return _error(404, f"this server does not serve {part}", "invalid_request_error", "model_not_found")
    condition = machine.condition(part)
    if condition.state == "loading":
        return _error(503, condition.detail, "models_loading", "models_loading", retry=RETRY_LOADING)
    if condition.state == "error":
        return _error(503, condition.detail, "models_failed", "models_failed", retry=RETRY_FAILED)
    return None


async def _embedded(machine: Machine, request: EmbeddingsRequest) -> Response:
    vectors, tokens = await machine.encode(request.texts)
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(vector.astype("<f4").tobytes()).decode()
            if request.as_base64
            else vector.tolist(),
        }
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return JSONResponse({"object": "list", "data": data, "model": request.model, "usage": usage})


class Completion:
    """One request, from its parts to its answer."""

    def __init__(self, machine: Machine, request: Request) -> None:
        self._machine = machine
        self._request = request
        self._tally = Tally()
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())

    async def answer(self, http: HttpRequest) -> Response:
        if self._request.part == "roleplay" and not self._request.warm:
            return EventStream(self._reply())
        work = {"roleplay": self._warm, "asr": self._transcribe, "text": self._decide}[self._request.part]
        if self._request.stream and not self._request.warm:
            return EventStream(self._one_piece(work))
        try:
            message, finish = await _unless_gone(http, work())
        except Gone:
            return Response(status_code=499)
        except (EngineError, UnreadableAudio) as fault:
            return _failure(fault)
        choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
        return JSONResponse(self._frame("chat.completion", [choice]) | {"usage": self._usage()})

    async def _reply(self) -> AsyncIterator[dict[str, Any]]:
        yield self._chunk({"role": "assistant", "content": ""})
        said = ""
        async with self._engine.precedence.turn():
            begun = time.monotonic()
            part = await reply.understood(self._request, self._machine.hear)
            self._tally.hearing = time.monotonic() - begun
            stream = reply.speak(part, self._engine, self._machine.say, self._tally)
            async with contextlib.aclosing(stream) as facts:  # type: ignore[type-var]
                async for fact in facts:
                    if isinstance(fact, reply.TextSpoken):
                        said += fact.text
                        yield self._chunk({"content": fact.text})
                    else:
                        yield self._chunk({"audio": {"data": base64.b64encode(fact.pcm).decode()}})
        self._machine.afterwards(reply.read_ahead(part, said.strip(), self._engine))
        yield self._chunk({}, finish="stop")
        if self._request.include_usage:
            yield self._frame("chat.completion.chunk", []) | {"usage": self._usage()}

    async def _warm(self) -> tuple[dict[str, Any], str]:
        if self._request.overhears:
            async with self._engine.precedence.speech():
                if script := await reply.overheard(self._request, self._machine.hear):
                    await self._engine.warm(script, self._tally, again=False)
            return {"content": ""}, "stop"
        await self._machine.prepare(self._request.language)
        part = await reply.understood(self._request, self._machine.hear)
        for script in part.scripts():
            await self._engine.warm(script, self._tally)
        return {"content": ""}, "stop"

    async def _transcribe(self) -> tuple[dict[str, Any], str]:
        recordings = [piece for line in self._request.lines for piece in line.pieces if isinstance(piece, Heard)]
        heard = [(await self._machine.hear(piece.recording, self._request.language)).text for piece in recordings]
        return {"content": " ".join(filter(None, heard))}, "stop"

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
                return {"content": said}, "length"  # cut off before the form was full
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
        """An answer that is only known as a whole, for clients that stream."""
        yield self._chunk({"role": "assistant"})
        message, finish = await work()
        if "tool_calls" in message:
            message = message | {"tool_calls": [{"index": 0, **call} for call in message["tool_calls"]]}
        yield self._chunk(message)
        yield self._chunk({}, finish=finish)
        if self._request.include_usage:
            yield self._frame("chat.completion.chunk", []) | {"usage": self._usage()}

    @property
    def _engine(self) -> Engine:
        if self._machine.engine is None:
            raise EngineError("the language model is not loaded")
        return self._machine.engine

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return self._frame("chat.completion.chunk", [{"index": 0, "delta": delta, "finish_reason": finish}])

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


class EventStream(Response):
    """Server-sent events, a comment every two seconds of silence; ends its source as soon as the client is gone."""

    media_type = "text/event-stream"

    def __init__(self, source: AsyncIterator[dict[str, Any]]) -> None:
        super().__init__(headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send_all(self, send: Send) -> None:
        async def out(text: str, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": more})

        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(1)
        pump = asyncio.create_task(self._pump(queue))
        try:
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), PING_SECONDS)
                except TimeoutError:
                    await out(": ping\n\n")
                    continue
                if event is None:
                    break
                await out(f"data: {json.dumps(event, ensure_ascii=False)}\n\n")
            await out("data: [DONE]\n\n", more=False)
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def _pump(self, queue: "asyncio.Queue[dict[str, Any] | None]") -> None:
        try:
            async with contextlib.aclosing(self._source) as events:  # type: ignore[type-var]
                async for event in events:
                    await queue.put(event)
        except (EngineError, UnreadableAudio) as fault:
            await queue.put(_error_object(*_described(fault)))
        except Exception as fault:  # a native library failed: the client must hear that the stream is broken
            log.exception("a reply broke off")
            await queue.put(_error_object(f"the local model failed ({type(fault).__name__})", "server_error", None))
        await queue.put(None)


async def _unless_gone(http: HttpRequest, work: Awaitable[tuple[dict[str, Any], str]]) -> tuple[dict[str, Any], str]:
    task = asyncio.ensure_future(work)
    leaving = asyncio.create_task(_left(http.receive))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Gone
        return task.result()
    finally:
        task.cancel()
        leaving.cancel()
        await asyncio.gather(task, leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(http: HttpRequest) -> object:
    received = bytearray()
    async for piece in http.stream():
        received += piece
        if len(received) > MOST_BODY:
            raise BadRequest(f"the body is over {MOST_BODY >> 20} MB")
    try:
        return json.loads(received)
    except (ValueError, RecursionError) as fault:
        raise BadRequest("the body is not JSON") from fault


def _described(fault: Exception) -> tuple[str, str, str | None]:
    if isinstance(fault, UnreadableAudio):
        return str(fault), "invalid_request_error", "unreadable_audio"
    if isinstance(fault, PromptTooLong):
        return str(fault), "invalid_request_error", "context_length_exceeded"
    return str(fault), "server_error", None


def _failure(fault: Exception) -> Response:
    message, kind, code = _described(fault)
    return _error(400 if kind == "invalid_request_error" else 500, message, kind, code)


def _error_object(message: str, kind: str, code: str | None, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _error(
    status: int, message: str, kind: str, code: str | None = None, *, param: str | None = None, retry: str | None = None
) -> Response:
    headers = {"Retry-After": retry} if retry else None
    return JSONResponse(_error_object(message, kind, code, param), status_code=status, headers=headers)

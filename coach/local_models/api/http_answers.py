"""HTTP answers and errors: server-sent events, error objects, and clients that leave."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from coach.local_models.api.chat_requests import BadRequest
from coach.local_models.language_model.llm import EngineError, EngineGone, PromptTooLong
from coach.local_models.speech.audio_input import UnreadableAudio

MOST_BODY = 24 << 20  # bytes; several turns may be sent as recordings
PING_SECONDS = 2.0
RETRY_LOADING = "2"

log = logging.getLogger(__name__)


class Gone(Exception):
    """The client closed the connection."""


class EventStream(Response):
    """Server-sent events, with a comment every two seconds of silence.

    Stops its source as soon as the client is gone.
    """

    media_type = "text/event-stream"

    def __init__(self, source: AsyncIterator[dict[str, Any]]) -> None:
        super().__init__(headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(left(receive))
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
            await queue.put(error_object(*described(fault)))
        except Exception as fault:  # a native library failed; the client must learn that the stream is broken
            log.exception("a reply broke off")
            await queue.put(error_object(f"the local model failed ({type(fault).__name__})", "server_error", None))
        await queue.put(None)


async def unless_gone(http: HttpRequest, work: Awaitable[tuple[dict[str, Any], str]]) -> tuple[dict[str, Any], str]:
    task = asyncio.ensure_future(work)
    leaving = asyncio.create_task(left(http.receive))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Gone
        return task.result()
    finally:
        task.cancel()
        leaving.cancel()
        await asyncio.gather(task, leaving, return_exceptions=True)


async def left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def hung_up(http: HttpRequest, _: Exception) -> Response:
    """The answer to Gone, which nobody reads; people close pages and go through tunnels, so it is no error."""
    log.info("the client hung up: %s %s", http.method, http.url.path)
    return Response(status_code=499)


async def body_of(http: HttpRequest) -> object:
    """The JSON of the body. Raises BadRequest, or Gone if the client hangs up before it is complete."""
    received = bytearray()
    try:
        async for piece in http.stream():
            received += piece
            if len(received) > MOST_BODY:
                raise BadRequest(f"the body is over {MOST_BODY >> 20} MB")
    except ClientDisconnect:
        raise Gone from None
    try:
        return json.loads(received)
    except (ValueError, RecursionError) as fault:
        raise BadRequest("the body is not JSON") from fault


def described(fault: Exception) -> tuple[str, str, str | None]:
    if isinstance(fault, UnreadableAudio):
        return str(fault), "invalid_request_error", "unreadable_audio"
    if isinstance(fault, PromptTooLong):
        return str(fault), "invalid_request_error", "context_length_exceeded"
    if isinstance(fault, EngineGone):
        return str(fault), "models_loading", "models_loading"
    return str(fault), "server_error", None


def failure(fault: Exception) -> Response:
    message, kind, code = described(fault)
    if isinstance(fault, EngineGone):
        return error(503, message, kind, code, retry=RETRY_LOADING)
    return error(400 if kind == "invalid_request_error" else 500, message, kind, code)


def error_object(message: str, kind: str, code: str | None, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def error(
    status: int, message: str, kind: str, code: str | None = None, *, param: str | None = None, retry: str | None = None
) -> Response:
    headers = {"Retry-After": retry} if retry else None
    return JSONResponse(error_object(message, kind, code, param), status_code=status, headers=headers)

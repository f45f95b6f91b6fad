"""The protocol of the fake models: parsing requests, refusing wrong ones, and sending answers and faults."""

import asyncio
import base64
import hashlib
import itertools
import json
import time
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.fakes import models_answers as answers
from tests.fakes import models_exact_bytes as exact_bytes

FAULTS: dict[str, tuple[int, str, str, str]] = {
    # name: status, code, type, message
    "400": (400, "invalid_parameter_error", "invalid_request_error", "The request is not valid."),
    "401": (401, "invalid_api_key", "invalid_request_error", "Incorrect API key provided: sk-abc***xyz."),
    "403": (403, "Arrearage", "Arrearage", "Access denied, please make sure your account is in good standing."),
    "404": (404, "model_not_found", "invalid_request_error", "The model does not exist or you have no access to it."),
    "413": (413, "request_too_large", "invalid_request_error", "Multimodal file size is too large."),
    "429": (429, "Throttling.RateQuota", "Throttling.RateQuota", "Requests rate limit exceeded, try again later."),
    "quota": (429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
    "500": (500, "internal_error", "internal_error", "Internal server error."),
    "503": (503, "service_unavailable", "server_error", "The server is overloaded."),
    "models_loading": (503, "models_loading", "models_loading", "The models are still being loaded."),
    "refused": (400, "DataInspectionFailed", "data_inspection_failed", "Input data may contain inappropriate content."),
}  # fmt: skip

DEFAULT_MODES: dict[str, Any] = {
    "tools": True,
    "response_format": True,
    "dialect": "dashscope",
    "key": "",
    "audio_ms": 1200,
}


class Cut(Exception):
    """The connection breaks off in the middle of an answer."""


class State:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.scripts: list[dict[str, Any]] = []
        self.modes = dict(DEFAULT_MODES)
        self.requests: list[dict[str, Any]] = []
        self.gates: dict[str, asyncio.Event] = {}
        self._numbers = itertools.count(1)

    def gate(self, name: str) -> asyncio.Event:
        return self.gates.setdefault(name, asyncio.Event())

    def named_in(self, words: str) -> str:
        """The scripted tool whose name occurs in the text of a request without `tools`; "" if none."""
        return next(
            (script["role"] for script in self.scripts if "_" in script["role"] and script["role"] in words), ""
        )

    def take(self, *roles: str) -> dict[str, Any]:
        """The scripted answer to a request with these roles; scripts with a count come first, in order."""
        fitting = [script for script in self.scripts if script["role"] in (*roles, "any")]
        fitting.sort(key=lambda script: script["times"] is None)
        if not fitting:
            return {}
        chosen = fitting[0]
        if chosen["times"] is not None:
            chosen["times"] -= 1
            if chosen["times"] <= 0:
                self.scripts.remove(chosen)
        return chosen["answer"]

    def received(self, request: Request, body: dict[str, Any], role: str) -> dict[str, Any]:
        kept = {
            "n": next(self._numbers),
            "role": role,
            "model": body.get("model"),
            "stream": bool(body.get("stream")),
            "headers": dict(request.headers),
            "body": body,
            "audio": _audio_parts(body),
            "receivedAt": time.time(),
            "firstByteAt": None,
            "firstAudioAt": None,
            "endedAt": None,
            "disconnectedAt": None,
            "status": None,
            "piecesSent": 0,
        }
        self.requests.append(kept)
        return kept


def application() -> Starlette:
    state = State()

    async def completions(request: Request) -> Any:
        body = await request.json()
        role, tool = role_of(body)
        if role == "tools" and not tool:
            tool = state.named_in(json.dumps(body["messages"]))
        record = state.received(request, body, tool or role)
        problem = _problem(request, record, role, state.modes)
        answer = {} if problem else state.take(tool or role, "tools" if role == "tools" else role)
        answer = {"audio_ms": state.modes["audio_ms"], **answer}
        return Answering(state, record, answer, problem, role)

    async def script(request: Request) -> Response:
        given = await request.json()
        unknown = set(given["answer"]) - answers.FIELDS
        fault = given["answer"].get("fault")
        if unknown or (fault is not None and fault not in FAULTS):
            return JSONResponse({"unknown": sorted(unknown) or fault, "known": sorted(answers.FIELDS)}, 400)
        state.scripts.append({"role": given["role"], "times": given.get("times", 1), "answer": given["answer"]})
        return Response(status_code=204)

    async def modes(request: Request) -> Response:
        given = await request.json()
        if set(given) - set(DEFAULT_MODES):
            return JSONResponse({"known": sorted(DEFAULT_MODES)}, 400)
        state.modes |= given
        return Response(status_code=204)

    async def release(request: Request) -> Response:
        state.gate((await request.json())["name"]).set()
        return Response(status_code=204)

    async def reset(request: Request) -> Response:
        state.reset()
        return Response(status_code=204)

    async def requests(request: Request) -> Response:
        role = request.query_params.get("role", "")
        return JSONResponse([each for each in state.requests if role in ("", each["role"])])

    async def embeddings(request: Request) -> Response:
        body = await request.json()
        record = state.received(request, body, "embeddings")
        answer = state.take("embeddings")
        if "fault" in answer:
            return _fault(answer["fault"], answer)
        record["status"] = 200
        return JSONResponse(answers.embeddings(body))

    async def piece_embeddings(request: Request) -> Any:
        record = state.received(request, await request.json(), "piece_embeddings")
        return Answering(state, record, state.take("piece_embeddings"), None, "piece_embeddings")

    async def models(request: Request) -> Response:
        fault = state.take("models").get("fault")
        if fault:
            return _fault(fault, {})
        return JSONResponse({"object": "list", "data": [{"id": "fake", "object": "model"}]})

    return Starlette(
        routes=[
            Route("/v1/chat/completions", completions, methods=["POST"]),
            Route("/v1/embeddings", embeddings, methods=["POST"]),
            Route("/v1/piece_embeddings", piece_embeddings, methods=["POST"]),
            Route("/v1/models", models),
            Route("/__script", script, methods=["POST"]),
            Route("/__modes", modes, methods=["POST"]),
            Route("/__release", release, methods=["POST"]),
            Route("/__reset", reset, methods=["POST"]),
            Route("/__requests", requests),
        ]
    )


def role_of(body: dict[str, Any]) -> tuple[str, str]:
    """Role and, for tools, the name of the tool or schema asked for ("" if only the text names it)."""
    if "audio" in (body.get("modalities") or []):
        return "roleplay", ""
    if _audio_parts(body, replace=False):
        return "asr", ""
    if body.get("tools"):
        return "tools", body["tools"][0]["function"]["name"]
    schema = (body.get("response_format") or {}).get("json_schema") or {}
    return "tools", schema.get("name", "")


def _problem(request: Request, record: dict[str, Any], role: str, modes: dict[str, Any]) -> Response | None:
    """The refusal that the real services would send without asking a model; None if the request is fine."""
    body = record["body"]
    key = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not key or (modes["key"] and key != modes["key"]):
        return _fault("401", {})
    if not body.get("model") or not isinstance(body.get("messages"), list) or not body["messages"]:
        return _fault("400", {"message": "model and messages are required."})
    if role == "tools":
        return _tools_problem(body, modes)
    warms = request.headers.get("x-warm") == "1"  # our way to warm the local server
    if not (body.get("stream") or warms or "asr" in str(body["model"])):
        return _fault("400", {"message": "This model only support stream mode, please enable the stream parameter."})
    if role == "roleplay" and not {"voice", "format"} <= set(body.get("audio") or {}):
        return _fault("400", {"message": "audio.voice and audio.format are required for audio output."})
    for message in body["messages"]:
        parts = message["content"] if isinstance(message["content"], list) else []
        sounds = [part for part in parts if part["type"] != "text"]
        if sounds and message["role"] != "user":
            return _fault("400", {"message": "Only user messages may carry audio."})
        if len(sounds) > 1:
            return _fault("400", {"message": "One non-text modality per user message."})
    for part in record["audio"]:
        wanted = {"dashscope": "data:;base64,", "openai": ""}.get(modes["dialect"])
        if wanted is not None and part["prefix"] != wanted:
            return _fault("400", {"message": f"The input_audio data must begin with '{wanted}'."})
        if not part["bytes"]:
            return _fault("400", {"message": "The audio is empty or not base64."})
    return None


def _tools_problem(body: dict[str, Any], modes: dict[str, Any]) -> Response | None:
    unknown = {"max_tokens", "temperature"} & set(body)
    if unknown:
        return _fault(
            "400", {"message": f"Unsupported parameter: {sorted(unknown)[0]} is not supported with this model."}
        )
    if body.get("tools") and not modes["tools"]:
        return _fault("400", {"message": "tools are not supported."})
    if body.get("response_format") and not modes["response_format"]:
        return _fault("400", {"message": "response_format is not supported."})
    return None


def _fault(name: str, answer: dict[str, Any]) -> Response:
    status, code, kind, message = FAULTS[name]
    error = {"message": answer.get("message", message), "type": kind, "param": None, "code": code}
    headers = {"retry-after": str(answer["retry_after"])} if "retry_after" in answer else {}
    return JSONResponse({"error": error, "request_id": "fake-request"}, status, headers)


def _audio_parts(body: dict[str, Any], *, replace: bool = True) -> list[dict[str, Any]]:
    """Describe the sound that was sent; with `replace`, its data in `body` is replaced by its length."""
    found = []
    for message in body.get("messages") or []:
        for part in message.get("content") if isinstance(message.get("content"), list) else []:
            if part.get("type") != "input_audio":
                continue
            given = part["input_audio"]
            prefix, comma, encoded = str(given.get("data", "")).rpartition(",")
            try:
                sound = base64.b64decode(encoded, validate=True)
            except ValueError:
                sound = b""
            found.append(
                {
                    "format": given.get("format"),
                    "prefix": prefix + comma,
                    "bytes": len(sound),
                    "sha256": hashlib.sha256(sound).hexdigest(),
                }
            )
            if replace:
                part["input_audio"] = {**given, "data": f"{prefix}{comma}<{len(encoded)} characters>"}
    return found


class Answering:
    """One answer as an ASGI application, which notices at once when the client leaves."""

    def __init__(
        self, state: State, record: dict[str, Any], answer: dict[str, Any], problem: Response | None, role: str
    ) -> None:
        self.state, self.record, self.answer, self.problem, self.role = state, record, answer, problem, role

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = asyncio.ensure_future(self._answer(scope, receive, send))
        leaving = asyncio.ensure_future(self._left(receive))
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            self.record["disconnectedAt"] = time.time()
            answering.cancel()
        leaving.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)
        if not answering.cancelled() and answering.exception():
            raise answering.exception()

    async def _left(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self.answer
        if "sends" in answer:
            await exact_bytes.send(scope["client"], answer)
            self.record["status"], self.record["endedAt"] = 200, time.time()
            return
        if "first_delay_ms" in answer:
            await asyncio.sleep(answer["first_delay_ms"] / 1000)
        if answer.get("stall") == "first":
            await asyncio.Event().wait()
        if "hold" in answer and "hold_at" not in answer:
            await self.state.gate(answer["hold"]).wait()
        refusal = self.problem or (_fault(answer["fault"], answer) if "fault" in answer else None)
        if refusal is not None:
            self.record["status"] = refusal.status_code
            await refusal(scope, receive, send)
        elif self.record["stream"]:
            await self._stream(send)
        else:
            self.record["status"] = 200
            whole = answers.completion(self.role, self.record, answer)
            await JSONResponse(whole)(scope, receive, send)
        self.record["endedAt"] = time.time()

    async def _stream(self, send: Send) -> None:
        answer = self.answer
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        self.record["status"] = 200
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        pieces = answers.stream(self.role, self.record, answer)
        broken_off = {"error_in_stream", "cut", "stall", "end"} & set(answer)
        after = answer.get("after", 1) if broken_off else None
        for number, piece in enumerate(pieces):
            if after is not None and number >= after:
                await self._break_off(send)
                return
            if "hold" in answer and number == answer.get("hold_at"):
                await self.state.gate(answer["hold"]).wait()
            if number and "delay_ms" in answer:
                await asyncio.sleep(answer["delay_ms"] / 1000)
            await self._send(send, _written(piece))
            self.record["piecesSent"] += 1
            if _has_audio(piece) and self.record["firstAudioAt"] is None:
                self.record["firstAudioAt"] = time.time()
        await self._send(send, "[DONE]")
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, send: Send, data: str) -> None:
        await send({"type": "http.response.body", "body": f"data: {data}\n\n".encode(), "more_body": True})
        self.record["firstByteAt"] = self.record["firstByteAt"] or time.time()

    async def _break_off(self, send: Send) -> None:
        if self.answer.get("error_in_stream"):
            _, code, kind, message = FAULTS[self.answer.get("stream_fault", "500")]
            error = {"message": self.answer.get("message", message), "type": kind, "param": None, "code": code}
            await self._send(send, json.dumps({"error": error, "request_id": "fake-request"}))
        elif self.answer.get("stall"):
            await asyncio.Event().wait()
        elif self.answer.get("cut"):
            self.record["endedAt"] = time.time()
            raise Cut
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _written(piece: dict[str, Any]) -> str:
    """Plain UTF-8, as the services write it; escapes only for lone surrogates, which UTF-8 cannot encode."""
    text = json.dumps(piece, ensure_ascii=False)
    return json.dumps(piece) if any("\ud800" <= each <= "\udfff" for each in text) else text


def _has_audio(piece: dict[str, Any]) -> bool:
    return any("data" in (choice["delta"].get("audio") or {}) for choice in piece["choices"])

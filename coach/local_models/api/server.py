"""The HTTP API: OpenAI-compatible chat completions in DashScope's dialect, on loopback.

    GET  /health                what is loaded: {status, parts: {part: {status, progress, detail}}, languages, model,
                                llm: null while it loads, or {name, licence, bytes, source, server, passedOver}}
    GET  /v1/models             local-roleplay, local-asr, local-text, local-embeddings, as far as they are served
    POST /v1/chat/completions   routed by the shape of the request:
        modalities with "audio"         a spoken reply, streamed: delta.content, delta.audio.data (base64 PCM s16le,
                                        24 kHz, mono, whole samples), finish_reason, usage, [DONE]
        an input_audio part, no audio   the transcript of the recordings
        anything else                   text; a forced tool call or a JSON Schema is held to by constrained decoding

    POST /v1/embeddings         {input: text or texts, encoding_format?: float or base64, lasting?}: a unit vector for
                                each text, in any language; `lasting` texts are the product's own: their vectors are
                                kept on disk

    POST /v1/piece_embeddings   {turns: [{text, answered?, pieces: [[start, end], …]}], layers?}: {data: [{index,
                                embeddings: [base64 of float32, little-endian, …]}], usage}: a vector, not of unit
                                length, for each piece of each turn, read inside its whole turn and with the line that
                                the turn answers. Offsets count Unicode characters; at most 64 turns, and 1024 pieces
                                in each. 503 if `layers` names other trained layers than this release has

    POST /v1/end_of_turn        {input_audio: {data}}: {probability}, how likely whoever is heard has finished speaking;
                                404 while its weights are not there

`audio.voice` names a voice of `speech/local_voice.py`; for any other name (the cloud's) the server chooses.

A roleplay request with `X-Warm: 1` (or `"warm": true` in the body) is only prefilled: the model's cache then holds the
beginning of the script, and the answer is an empty completion. It gives way to every turn. If it ends with a recording,
the trainee is assumed to be still speaking: what they have certainly said is read, and background work waits.

A roleplay request with `"say": text` contains the finished reply: it is spoken word for word, without the model, and
even while that is loading. If it is also prefilled, its first clause is synthesised and remembered.

`X-Language: en|zh`, `"language"` or `asr_options.language` give the language; otherwise it is guessed from the text.

Closing the connection stops the model. While a part is loading, the answer is 503 with `Retry-After` and `code:
"models_loading"`; so it is, or the stream's error, when the server of a language model that runs elsewhere has gone.
"""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coach.local_models.api.chat_requests import (
    BadRequest,
    EmbeddingsRequest,
    Part,
    read,
    read_embeddings,
    read_recording,
)
from coach.local_models.api.completion import Completion
from coach.local_models.api.http_answers import RETRY_LOADING, Gone, body_of, error, hung_up
from coach.local_models.api.piece_requests import read_divided_turns
from coach.local_models.machine import Machine
from coach.local_models.sentence_vectors import turn_encoder
from coach.local_models.sentence_vectors.bert import Array
from coach.local_models.sentence_vectors.turn_encoder import DividedTurn
from coach.local_models.speech.audio_input import UnreadableAudio

RETRY_FAILED = "30"
MODELS: Mapping[Part, str] = {
    "roleplay": "local-roleplay",
    "asr": "local-asr",
    "text": "local-text",
    "embeddings": "local-embeddings",
}


def application(machine: Machine) -> Starlette:
    """The ASGI application for `machine`, which it starts and closes."""

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
            request = read(await body_of(http), http.headers)
        except BadRequest as fault:
            return error(400, str(fault), "invalid_request_error", param=fault.param)
        unready = _not_ready(machine, request.part, word_for_word=request.part == "roleplay" and bool(request.say))
        return unready or await Completion(machine, request).answer(http)

    async def embeddings(http: HttpRequest) -> Response:
        try:
            request = read_embeddings(await body_of(http))
        except BadRequest as fault:
            return error(400, str(fault), "invalid_request_error", param=fault.param)
        return _not_ready(machine, "embeddings") or await _embedded(machine, request)

    async def piece_embeddings(http: HttpRequest) -> Response:
        try:
            turns, layers = read_divided_turns(await body_of(http))
        except BadRequest as fault:
            return error(400, str(fault), "invalid_request_error", param=fault.param)
        if layers not in (None, turn_encoder.layers()):
            return error(503, "this server has other layers", "other_release", "other_release", retry=RETRY_FAILED)
        return _not_ready(machine, "embeddings") or await _pieces_embedded(machine, turns)

    async def end_of_turn(http: HttpRequest) -> Response:
        if not await asyncio.to_thread(machine.end_of_turn.present):
            return error(404, "this server has no end-of-turn model", "invalid_request_error", "model_not_found")
        try:
            recording = read_recording(await body_of(http))
            probability = await asyncio.to_thread(machine.end_of_turn.finished, recording)
        except (BadRequest, UnreadableAudio) as fault:
            return error(400, str(fault), "invalid_request_error", param="input_audio")
        return JSONResponse({"probability": round(probability, 4)})

    routes = [
        Route("/health", health),
        Route("/v1/models", models),
        Route("/v1/chat/completions", completions, methods=["POST"]),
        Route("/v1/embeddings", embeddings, methods=["POST"]),
        Route("/v1/piece_embeddings", piece_embeddings, methods=["POST"]),
        Route("/v1/end_of_turn", end_of_turn, methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={Gone: hung_up})


def _not_ready(machine: Machine, part: Part, *, word_for_word: bool = False) -> Response | None:
    if part not in machine.parts:
        return error(404, f"this server does not serve {part}", "invalid_request_error", "model_not_found")
    condition = machine.condition(part, word_for_word=word_for_word)
    if condition.state == "loading":
        return error(503, condition.detail, "models_loading", "models_loading", retry=RETRY_LOADING)
    if condition.state == "error":
        return error(503, condition.detail, "models_failed", "models_failed", retry=RETRY_FAILED)
    return None


async def _embedded(machine: Machine, request: EmbeddingsRequest) -> Response:
    vectors, tokens = await machine.encode(request.texts, lasting=request.lasting)
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": _as_base64(vector) if request.as_base64 else vector.tolist(),
        }
        for index, vector in enumerate(vectors)
    ]
    return JSONResponse({"object": "list", "data": data, "model": request.model, "usage": _usage(tokens)})


async def _pieces_embedded(machine: Machine, turns: Sequence[DividedTurn]) -> Response:
    found, tokens = await machine.encode_pieces(turns)
    data = [
        {"index": index, "embeddings": [_as_base64(vector) for vector in vectors]}
        for index, vectors in enumerate(found)
    ]
    return JSONResponse({"data": data, "usage": _usage(tokens)})


def _as_base64(vector: Array) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def _usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": tokens, "total_tokens": tokens}

"""The fake models' answers: whole completions and the pieces of a stream."""

import base64
import functools
import json
import math
import re
import struct
import time
import zlib
from collections.abc import Iterator
from typing import Any

FIELDS = frozenset(
    {
        "fault", "retry_after", "message", "stall", "after", "first_delay_ms", "hold", "hold_at", "text",
        "text_in", "audio_ms", "pcm_base64", "piece_bytes", "riff", "base64_chars", "delay_ms",
        "error_in_stream", "stream_fault", "cut", "end", "arguments", "arguments_text", "refusal", "content",
        "finish_reason", "tool_name", "no_tool", "model", "usage", "sends", "then", "content_type", "exact",
    }
)  # fmt: skip

PCM_RATE = 24_000
HEARD = "I would like to talk about the deadlines."


def stream(role: str, record: dict[str, Any], answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The JSON of each `data:` line but `[DONE]`."""
    yield _chunk(record, answer, {"role": "assistant", "content": ""})
    if role == "roleplay":
        yield from (_chunk(record, answer, delta) for delta in _spoken(record, answer))
    elif role == "asr":
        yield from (_chunk(record, answer, {"content": piece}) for piece in _texts(answer, HEARD))
    else:
        yield _chunk(record, answer, {"content": json.dumps(_arguments(record, answer))})
    yield _chunk(record, answer, {}, finish=answer.get("finish_reason", "stop"))
    if (record["body"].get("stream_options") or {}).get("include_usage"):
        yield {**_chunk(record, answer, {}), "choices": [], "usage": _usage(answer)}


def embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """Texts that share words (in Chinese: characters) are similar: each word is counted in one of 256 dimensions."""
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    data = [{"object": "embedding", "index": n, "embedding": _counted(text)} for n, text in enumerate(texts)]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return {"object": "list", "data": data, "model": body.get("model"), "usage": usage}


def piece_embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """A piece's vector counts its words, as in `embeddings`, whatever the rest of the turn and the line it answers."""
    data = [
        {"index": n, "embeddings": [_packed(_counted(turn["text"][start:end])) for start, end in turn["pieces"]]}
        for n, turn in enumerate(body["turns"])
    ]
    return {"data": data, "usage": {"prompt_tokens": len(data), "total_tokens": len(data)}}


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _counted(text: str) -> list[float]:
    counts = [0.0] * 256
    for word in re.findall(r"[a-z']+|[^\W\da-z]", text.lower()) or [text]:
        counts[zlib.crc32(word.encode()) % 256] += 1
    length = math.sqrt(sum(count * count for count in counts))
    return [count / length for count in counts]


def completion(role: str, record: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The JSON of an answer that is not streamed."""
    if role == "piece_embeddings":
        return piece_embeddings(record["body"])
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    finish = answer.get("finish_reason")
    if role == "asr":
        message["content"] = "".join(_texts(answer, HEARD))
    elif "refusal" in answer:
        message["refusal"] = answer["refusal"]
    elif answer.get("no_tool"):
        message["content"] = answer.get("content", "I would rather not use a tool.")
    elif record["body"].get("tools"):
        name = answer.get("tool_name", record["body"]["tools"][0]["function"]["name"])
        call = {"name": name, "arguments": answer.get("arguments_text", json.dumps(_arguments(record, answer)))}
        message["tool_calls"] = [{"id": "call_fake", "type": "function", "function": call}]
        # A forced call of a named function finishes with `stop`, a freely chosen one with `tool_calls`.
        finish = finish or "stop"
    else:
        message["content"] = answer.get("content") or answer.get("arguments_text") or json.dumps(
            _arguments(record, answer)
        )  # fmt: skip
    return {
        **_frame(record, answer, "chat.completion"),
        "choices": [{"index": 0, "message": message, "finish_reason": finish or "stop", "logprobs": None}],
        "usage": _usage(answer),
    }


@functools.cache
def tone(milliseconds: int) -> bytes:
    """PCM s16le mono 24 kHz, never silent, so that a lost or repeated byte is noticed."""
    return b"".join(
        struct.pack("<h", int(8000 * math.sin(n / 15 + math.sin(n / 2400))) or 1)
        for n in range(PCM_RATE * milliseconds // 1000)
    )


def least(schema: dict[str, Any]) -> Any:
    """The smallest value that a JSON schema allows."""
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        return least(schema["anyOf"][0])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: least(each) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return _items(schema)
    return {"string": "Said plainly.", "integer": 1, "number": 1, "boolean": True}.get(str(kind))


def _items(schema: dict[str, Any]) -> list[Any]:
    item = schema.get("items", {})
    for name, each in item.get("properties", {}).items():
        if name.endswith("Id") and "enum" in each:
            return [{**least(item), name: value} for value in each["enum"]]
    return [least(item) for _ in range(schema.get("minItems", 0))]


def _spoken(record: dict[str, Any], answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Deltas of text and sound; as with the real service, the text comes before its sound."""
    where = answer.get("text_in", "content")
    texts = _texts(answer, record["body"].get("say") or f"Answer {record['n']}. I hear you, go on.")
    sounds = _sounds(answer)
    sound = next(sounds, None)
    for piece in texts:
        if where in ("content", "both"):
            yield {"content": piece}
        if where in ("transcript", "both"):
            yield {"content": None, "audio": {"transcript": piece}}
        if sound is not None:
            yield {"content": None, "audio": {"data": sound, "expires_at": int(time.time()) + 60}}
            sound = next(sounds, None)
    while sound is not None:
        yield {"content": None, "audio": {"data": sound, "expires_at": int(time.time()) + 60}}
        sound = next(sounds, None)


def _texts(answer: dict[str, Any], otherwise: str) -> list[str]:
    text = answer.get("text", otherwise)
    if isinstance(text, list):
        return text
    return [word + " " for word in text.split(" ")[:-1]] + [text.split(" ")[-1]]


def _sounds(answer: dict[str, Any]) -> Iterator[str]:
    if "pcm_base64" in answer:
        pcm = base64.b64decode(answer["pcm_base64"])
    else:
        pcm = tone(answer["audio_ms"])
    if answer.get("riff"):
        fmt = struct.pack("<IHHIIHH", 16, 1, 1, PCM_RATE, PCM_RATE * 2, 2, 16)
        pcm = b"RIFF\xff\xff\xff\x7fWAVEfmt " + fmt + b"data\xff\xff\xff\x7f" + pcm
    if "base64_chars" in answer:
        whole, size = base64.b64encode(pcm).decode(), answer["base64_chars"]
        yield from (whole[at : at + size] for at in range(0, len(whole), size))
        return
    size = answer.get("piece_bytes", 4801)
    yield from (base64.b64encode(pcm[at : at + size]).decode() for at in range(0, len(pcm), size))


def _arguments(record: dict[str, Any], answer: dict[str, Any]) -> Any:
    if "arguments" in answer:
        return answer["arguments"]
    body = record["body"]
    if body.get("tools"):
        return least(body["tools"][0]["function"]["parameters"])
    return least(((body.get("response_format") or {}).get("json_schema") or {}).get("schema", {"type": "object"}))


def _chunk(record: dict[str, Any], answer: dict[str, Any], delta: dict, finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return {**_frame(record, answer, "chat.completion.chunk"), "choices": [choice], "usage": None}


def _frame(record: dict[str, Any], answer: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-fake-{record['n']}",
        "object": kind,
        "created": int(time.time()),
        "model": answer.get("model", record["model"]),
        "system_fingerprint": None,
    }


def _usage(answer: dict[str, Any]) -> dict[str, Any]:
    given = answer.get("usage") or {"prompt_tokens": 120, "completion_tokens": 40}
    return {**given, "total_tokens": given["prompt_tokens"] + given["completion_tokens"]}

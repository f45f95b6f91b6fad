"""Parses faults that services report in the body of an answer, in their many forms, whatever the HTTP status."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_CODES = ("code", "status_code", "statusCode", "error_code", "errorCode", "errcode", "err_code", "type", "status")
_MESSAGES = ("message", "msg", "error_msg", "error_message", "errmsg", "status_msg", "detail", "reason")
_FINE = {"", "0", "200", "201", "ok", "success", "succeeded", "none", "null", "true", "completed", "in_progress"}
_PINGS = {"ping", "heartbeat", "keepalive", "keep-alive", "keep_alive"}
_SAFE = re.compile(r"[^A-Za-z0-9_.\-]+")


@dataclass(frozen=True)
class ReportedFault:
    """A fault read from a body. `codes` as sent but safe to print; `status` is an HTTP status among them, else 0.

    `message` only serves to distinguish faults and is never shown: it may quote the request.
    """

    codes: tuple[str, ...] = ()
    status: int = 0
    message: str = ""

    @property
    def code(self) -> str:
        """The first code, to be shown to people."""
        return self.codes[0] if self.codes else ""

    def speaks_of(self, *words: str) -> bool:
        """Whether any code or the message contains any of these (lower case, `_` and `.` as written)."""
        said = " ".join((*self.codes, self.message)).lower()
        return any(word in said for word in words)


def in_body(body: Any) -> ReportedFault:
    """The fault in the body of a refused request; empty for a web page or no body."""
    found = _nested(body)
    if found is None:
        found = _filtered_choice(body)
    return _read(found) if found is not None else _read(body)


def in_chunk(chunk: Mapping[str, Any], event_name: str = "") -> ReportedFault | None:
    """The fault in a chunk of a stream, or in a whole answer with status 200, if it has one instead of an answer."""
    if is_ping(chunk, event_name):
        return None
    found = _nested(chunk)
    if found is not None:
        return _read(found)
    choices = chunk.get("choices")
    if isinstance(choices, list) and any(isinstance(choice, Mapping) for choice in choices):
        return None
    read = _read(chunk)
    named = event_name.lower() == "error" or any(chunk.get(key) == "error" for key in ("object", "type", "status"))
    said = any(isinstance(chunk.get(key), str | list) and chunk[key] for key in _MESSAGES) and "choices" not in chunk
    coded = any(_is_fault_code(chunk.get(key)) for key in _CODES if key not in ("type", "status"))
    return read if named or said or coded or read.status >= 400 else None


def in_text(text: str, event_name: str = "") -> ReportedFault | None:
    """The fault in a line that is not JSON: `error: …`, `[ERROR] …`, or the data of an event with such a name."""
    if event_name.lower() == "error" or re.match(r"\W*(error|exception|fatal)\b", text, re.IGNORECASE):
        return ReportedFault(message=text[:1000])
    return None


def is_ping(chunk: Mapping[str, Any], event_name: str = "") -> bool:
    kind = chunk.get("type")
    return event_name.lower() in _PINGS or (isinstance(kind, str) and kind in _PINGS)


def _nested(body: Any) -> Any:
    """The part of the body that describes the fault; None if there is none."""
    if isinstance(body, list):
        return next((each for each in map(_nested, body) if each is not None), None)
    if not isinstance(body, Mapping):
        return None
    for key in ("error", "errors", "err"):
        if body.get(key):
            if isinstance(body[key], Mapping):
                return body[key]
            beside = {name: value for name, value in body.items() if name != key}
            return {**beside, "message": body[key]} if any(map(beside.get, _CODES)) else body[key]
    base = body.get("base_resp")
    if isinstance(base, Mapping) and _is_fault_code(base.get("status_code")):
        return base
    choices = body.get("choices")
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, Mapping) and choice.get("error"):
            return choice["error"] if isinstance(choice["error"], Mapping) else {"message": choice["error"]}
    return None


def _filtered_choice(body: Any) -> Any:
    """What Azure AI Foundry sends with a 400 if its filter blocked the answer: a completion instead of an error."""
    choices = body.get("choices") if isinstance(body, Mapping) else None
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, Mapping) and choice.get("finish_reason") == "content_filter":
            return {"code": "content_filter"}
    return None


def _read(fault: Any) -> ReportedFault:
    if isinstance(fault, list) and fault:
        return _read(fault[0])
    if not isinstance(fault, Mapping):
        return _read_text(fault) if isinstance(fault, str) else ReportedFault()
    deeper = fault.get("error")
    if isinstance(deeper, Mapping):
        return _read(deeper)
    values = [fault.get(key) for key in _CODES]
    codes = tuple(dict.fromkeys(code for value in values if _is_fault_code(value) and (code := _printable(value))))
    status = next((number for code in codes if code.isdigit() and 400 <= (number := int(code)) < 600), 0)
    return ReportedFault(codes, status, " ".join(_messages(fault))[:1000])


def _read_text(fault: str) -> ReportedFault:
    """`"error": "model_not_found"` is a code, a sentence is a message."""
    code = (_printable(fault),) if fault and not re.search(r"\s", fault) and len(fault) <= 64 else ()
    return ReportedFault(code, message=fault[:1000])


def _messages(fault: Mapping[str, Any]) -> Iterator[str]:
    for key in _MESSAGES:
        value = fault.get(key)
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | Mapping):
            yield str(value)
    metadata = fault.get("metadata")
    if isinstance(metadata, Mapping):
        yield str(metadata)


def _is_fault_code(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    return _printable(value).lower() not in _FINE


def _printable(value: Any) -> str:
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return _SAFE.sub("", text)[:64]

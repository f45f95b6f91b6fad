"""Decides what may appear in logs and traces: a list of what is known to be harmless. Everything else is removed."""

import re
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from coach.telemetry import names

LONGEST = 300
_FRAMES = 12

_FIELDS = {
    value
    for constant, value in vars(names).items()
    if constant.isupper() and isinstance(value, str) and not value.startswith("coach.")
}
LOG_FIELDS = _FIELDS | {"event", "level", "timestamp", "logger"}

# Attributes of instrumentation libraries that reveal nothing about a person.
SPAN_FIELDS = _FIELDS | {
    "http.method",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "http.scheme",
    "http.status_code",
    "http.url",
    "http.target",
    "url.full",
    "url.path",
    "url.scheme",
    "error.type",
    "exception.type",
    "net.peer.name",
    "net.peer.port",
    "server.address",
    "server.port",
    "celery.action",
    "celery.state",
    "celery.task_name",
    "messaging.destination",
    "messaging.destination.name",
    "messaging.message.id",
    "messaging.message_id",
    "messaging.system",
}
_ADDRESSES = {"http.url", "http.target", "url.full"}

_QUERY = re.compile(r"(?<=[^\s?])\?[^\s\"'<>)\]]+")
_CREDENTIALS = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}|\bsk-[\w-]{6,}|(?<=://)[^\s/@]+@|\bAKIA[0-9A-Z]{12,}")
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{80,}")

_secrets: tuple[str, ...] = ()


def hide(secrets: Iterable[str]) -> None:
    """Replace these values wherever they appear.

    Short ones are left out, because they would make ordinary words unreadable.
    """
    global _secrets
    _secrets = tuple(sorted({each for each in secrets if len(each) >= 8}, key=len, reverse=True))


def text(words: str) -> str:
    """A string that is safe to log: without known secrets, credentials, URL queries or encoded data; cut to LONGEST."""
    for secret in _secrets:
        words = words.replace(secret, "…")
    words = _QUERY.sub("", words)
    words = _CREDENTIALS.sub("…", words)
    words = _ENCODED.sub("…", words)
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def log_fields(event: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a log line that may be written; the names of the others are listed as `dropped`."""
    kept = {name: _value(each) for name, each in event.items() if name in LOG_FIELDS}
    dropped = sorted(name for name in event if name not in LOG_FIELDS and not name.startswith("_"))
    return kept | ({"dropped": dropped[:8]} if dropped else {})


def span_attributes(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    """The attributes of a span that may be exported."""
    kept = {name: _value(each) for name, each in (attributes or {}).items() if name in SPAN_FIELDS}
    return {name: each.partition("?")[0] if name in _ADDRESSES else each for name, each in kept.items()}


def error(raised: BaseException) -> dict[str, Any]:
    """An exception without its message, which may quote anything: its class and where it came from."""
    return {names.ERROR: type(raised).__name__, names.WHERE: _where(raised.__traceback__)}


def _where(trace: TracebackType | None) -> list[str]:
    frames: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        parts = code.co_filename.replace("\\", "/").split("/")
        frames.append(f"{'/'.join(parts[-3:])}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-_FRAMES:]


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(each) for each in list(value)[:50] if not isinstance(each, Mapping | bytes)]
    if isinstance(value, bytes | bytearray | memoryview | Mapping):
        return "…"
    return text(str(value))

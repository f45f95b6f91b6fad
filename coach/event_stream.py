"""Parses server-sent events as model services really send them. Pure and incremental: bytes in, events out.

The format is that of https://html.spec.whatwg.org/multipage/server-sent-events.html, read more tolerantly, because
public reports show all of these: JSON instead of events (one value, one per line, or in the middle of a stream), events
not separated by a blank line, a last event without its blank line, JSON broken over lines without `data:`. `httpx-sse`
refuses or misreads these (decision 0013).
"""

import json
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pydantic_core

LONGEST_EVENT_BYTES = 16 * 1024 * 1024

_LINE_END = re.compile(rb"\r\n|\r|\n")
_FIELDS = ("data", "event", "id", "retry")
_BYTE_ORDER_MARK = "\ufeff"
DONE = "[DONE]"


class EventTooLong(ValueError):
    """An event is longer than any answer could be."""


@dataclass(frozen=True)
class StreamEvent:
    """`data` is never blank; `name` is that of the `event:` field, usually empty."""

    data: str
    name: str = ""


class EventStreamReader:
    """Feed the body as it arrives, in pieces of any size; the events are the same however it is split."""

    def __init__(self) -> None:
        self._partial = bytearray()
        self._after_cr = False
        self._at_start = True
        self._name = ""
        self._data: list[str] = []
        self._bare_json = ""

    def feed(self, body: bytes) -> list[StreamEvent]:
        """The events completed by these bytes. Raises EventTooLong."""
        if self._after_cr and body.startswith(b"\n"):
            body = body[1:]
            self._after_cr = False
        if not body:
            return []
        self._after_cr = body.endswith(b"\r")
        *lines, rest = body.split(b"\n") if b"\r" not in body else _LINE_END.split(body)
        events: list[StreamEvent] = []
        for line in lines:
            whole = bytes(self._partial) + line
            self._partial.clear()
            events += self._line(self._text(whole))
        self._partial += rest
        if len(self._partial) + len(self._bare_json) + sum(map(len, self._data)) > LONGEST_EVENT_BYTES:
            raise EventTooLong
        return events

    def finish(self) -> list[StreamEvent]:
        """The events completed by the end of the body: many services leave out the last blank line."""
        last, self._partial = bytes(self._partial), bytearray()
        events = self._line(self._text(last)) if last else []
        return events + self._bare_values() + self._dispatch()

    def _text(self, line: bytes) -> str:
        text = line.decode("utf-8", "replace")
        if self._at_start:
            text = text.removeprefix(_BYTE_ORDER_MARK)
        self._at_start = False
        return text

    def _line(self, text: str) -> list[StreamEvent]:
        if text.startswith(":"):
            return []
        field, colon, value = text.partition(":")
        field = field.strip().lower()
        is_field = field in _FIELDS and (bool(colon) or not text.startswith(" "))
        if self._bare_json and not is_field:
            self._bare_json += "\n" + text
            # The end of a value printed over several lines is not indented: only there is parsing worth a try.
            return self._bare_values() if text[:1] in ("}", "]") else []
        events = self._bare_values()
        self._bare_json = ""
        if not text.strip():
            return self._dispatch()
        if not is_field:
            return self._no_field(text)
        if field == "event":
            self._name = value.strip()
        if field == "data":
            # Two whole values in one event are two events without a blank line between them.
            if self._data and _is_whole("\n".join(self._data)):
                events += self._dispatch()
            self._data.append(value.removeprefix(" "))
        return events

    def _no_field(self, text: str) -> list[StreamEvent]:
        if self._data and not _is_whole("\n".join(self._data)):
            self._data.append(text)
            return []
        if text.strip() == DONE:
            return [*self._dispatch(), StreamEvent(DONE)]
        if text.lstrip()[0] in "{[":
            events = self._dispatch()
            self._bare_json = text
            return events + self._bare_values()
        return []

    def _dispatch(self) -> list[StreamEvent]:
        data, name = "\n".join(self._data).strip(), self._name
        self._data, self._name = [], ""
        return [StreamEvent(data, name)] if data else []

    def _bare_values(self) -> list[StreamEvent]:
        """The whole JSON values at the beginning of text outside any event."""
        events: list[StreamEvent] = []
        while (text := self._bare_json.lstrip(", \t\n"))[:1] in ("{", "["):
            try:
                end = json.JSONDecoder().raw_decode(text)[1]
            except (ValueError, RecursionError):
                break
            events.append(StreamEvent(text[:end]))
            self._bare_json = text[end:]
        if events and not self._bare_json.strip(", \t\n"):
            self._bare_json = ""
        return events


async def json_objects(body: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
    """The JSON objects of a body up to `[DONE]` or its end; other events are skipped. Raises EventTooLong."""
    reader = EventStreamReader()
    async for piece in body:
        for event in reader.feed(piece):
            if event.data == DONE:
                return
            if isinstance(found := parsed(event.data), dict):
                yield found
    for event in reader.finish():
        if isinstance(found := parsed(event.data), dict):
            yield found


def parsed(text: str) -> Any:
    """Parse JSON; None if it is invalid."""
    with suppress(ValueError, TypeError):
        return pydantic_core.from_json(text)
    # Lone surrogates and the like, which only the slower parser accepts.
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_whole(text: str) -> bool:
    return text.strip() == DONE or isinstance(parsed(text), dict | list)

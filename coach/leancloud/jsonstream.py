"""JSON objects out of a file of any size and any of the usual shapes, however damaged the file is.

Taken: an object a line, one array, `{"results": [...]}`, objects one behind the other, and lines that begin with `#`
between them. What cannot be read is reported where it stands, and reading goes on with the next object behind it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

CHUNK = 1 << 16

_BLANKS = re.compile(r"[ \t\r\n,]*")
_COMMENT = re.compile(r"#[^\n]*(?:\n|\Z)")
_RESULTS = re.compile(r'\{\s*"results"\s*:\s*\[')
_RESULTS_LENGTH_MAX = 64
# Where another object may begin behind something that could not be read.
_NEXT = re.compile(r"(?:\}\s*,|\n)[\s,]*(?=\{)")
# A raw line break within a text is no JSON, but exports have them.
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True)
class Unreadable:
    """Something that ought to be an object and cannot be read as one. `why` is for the operator."""

    why: str


def objects(name: str, stream: IO[str]) -> Iterator[Any]:
    """What the file `name` holds, one value at a time; Unreadable where it is damaged."""
    for value in _JsonReader(name, stream).values():
        inner = value.get("results") if isinstance(value, dict) and "objectId" not in value else None
        yield from inner if isinstance(inner, list) else [value]


class _JsonReader:
    """At most one value and one piece of the file in memory, except behind damage in a list."""

    def __init__(self, name: str, stream: IO[str]) -> None:
        self._name = name
        self._stream = stream
        self._text, self._at = "", 0
        self._lines_read = 0
        self._ended = False

    def values(self) -> Iterator[Any]:
        if not self._more():
            yield Unreadable(f"{self._name}: is empty")
        while self._ahead():
            if self._text[self._at] == "#":
                self._comment()
            elif self._opens_list():
                yield from self._list()
            else:
                yield self._value()

    def _list(self) -> Iterator[Any]:
        """The elements up to the closing bracket; what stands behind it in `{"results": [...], ...}` is passed over."""
        within_object = self._text[self._at] == "{"
        found = _RESULTS.match(self._text, self._at)
        self._at = found.end() if found else self._at + 1
        while self._ahead():
            if self._text[self._at] == "]":
                self._at += 1
                if within_object:
                    self._skip_rest()
                return
            yield self._value()
        yield Unreadable(f"{self._name}: ends before its list does")

    def _opens_list(self) -> bool:
        while len(self._text) - self._at < _RESULTS_LENGTH_MAX and self._more():
            pass
        return self._text[self._at] == "[" or _RESULTS.match(self._text, self._at) is not None

    def _value(self) -> Any:
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                return self._damaged("nested too deeply")
            except ValueError:
                if self._line_is_damaged() or not self._more(max(CHUNK, len(self._text) - self._at)):
                    return self._damaged("not JSON")
                continue
            if end == len(self._text) and not isinstance(value, dict | list | str) and self._more():
                # A number may go on in the next piece.
                continue
            self._at = end
            return value

    def _line_is_damaged(self) -> bool:
        """Of an object a line: whether this one ends without being whole and another follows."""
        newline = self._text.find("\n", self._at)
        if newline < 0 or not self._text.startswith('{"', self._at):
            return False
        following = _BLANKS.match(self._text, newline)
        return following is not None and self._text.startswith(('{"', "#"), following.end())

    def _damaged(self, why: str) -> Unreadable:
        """Go on with the next thing that is an object of its own, not a value within the damaged one."""
        line = self._lines_read + self._text.count("\n", 0, self._at) + 1
        for found in _NEXT.finditer(self._text, self._at + 1):
            try:
                value, _ = _DECODER.raw_decode(self._text, found.end())
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict) and "objectId" in value and "__type" not in value:
                self._at = found.end()
                break
        else:
            self._skip_rest()
        return Unreadable(f"{self._name} line {line}: {why}")

    def _comment(self) -> None:
        while "\n" not in self._text[self._at :] and self._more():
            pass
        found = _COMMENT.match(self._text, self._at)
        self._at = found.end() if found else self._at + 1

    def _ahead(self) -> bool:
        """Pass over blanks and commas; False at the end of the file."""
        while True:
            found = _BLANKS.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return True
            if not self._more():
                return False

    def _skip_rest(self) -> None:
        while self._more():
            self._at = len(self._text)
        self._at = len(self._text)

    def _more(self, size: int = CHUNK) -> bool:
        if self._ended:
            return False
        piece = self._stream.read(size)
        self._ended = not piece
        self._lines_read += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)

"""Stream JSON objects from a file of any size, even if it is damaged.

Accepts JSON lines, an array, `{"results": [...]}`, concatenated objects, and comment lines that start with `#`. Damage
is reported with its line number, and reading continues with the next object.
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
# Where the next object may begin after damage.
_NEXT = re.compile(r"(?:\}\s*,|\n)[\s,]*(?=\{)")
# Raw line breaks in strings are invalid JSON, but exports contain them.
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True)
class Unreadable:
    """Stands in for an object that cannot be read. `why` is for the operator."""

    why: str


def objects(name: str, stream: IO[str]) -> Iterator[Any]:
    """Yield the values in file `name`; Unreadable for damaged parts."""
    for value in _JsonReader(name, stream).values():
        inner = value.get("results") if isinstance(value, dict) and "objectId" not in value else None
        yield from inner if isinstance(inner, list) else [value]


class _JsonReader:
    """Holds one value and one chunk in memory, except after damage in an array."""

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
        """Yield the elements of an array. In `{"results": [...], ...}` everything after the array is ignored."""
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
                # A number may continue in the next chunk.
                continue
            self._at = end
            return value

    def _line_is_damaged(self) -> bool:
        """For JSON lines: whether this line is incomplete and another object follows."""
        newline = self._text.find("\n", self._at)
        if newline < 0 or not self._text.startswith('{"', self._at):
            return False
        following = _BLANKS.match(self._text, newline)
        return following is not None and self._text.startswith(('{"', "#"), following.end())

    def _damaged(self, why: str) -> Unreadable:
        """Skip to the next independent object, not to a value inside the damaged one."""
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
        """Skip whitespace and commas; False at the end of the file."""
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

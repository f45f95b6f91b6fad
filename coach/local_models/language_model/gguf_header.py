"""Reads a GGUF file's header: name, licence, number of parameters.

The format is described in llama.cpp's `ggml/include/gguf.h`: magic, version, counts, then alternating key, type and
value.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

MAGIC = b"GGUF"
LONGEST_STRING = 1 << 20
MOST_KEYS = 4096
_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9


class NotGguf(ValueError):
    """The file is not a GGUF file, or it is damaged."""


@dataclass(frozen=True)
class GgufHeader:
    """`size_label` as its author wrote it, such as 1.5B; fields are empty if the file does not say."""

    name: str
    licence: str
    size_label: str
    architecture: str


def read_header(path: Path) -> GgufHeader:
    """Raises NotGguf; OSError if the file cannot be read."""
    try:
        with path.open("rb") as file:
            if file.read(4) != MAGIC:
                raise NotGguf(f"{path.name} is not a GGUF file")
            _, _, keys = _numbers(file, "<IQQ")
            found: dict[str, Any] = {}
            for _ in range(min(keys, MOST_KEYS)):
                key = _string(file)
                if key.startswith("tokenizer."):
                    break  # the vocabulary; all general keys come before it
                found[key] = _value(file, _numbers(file, "<I")[0])
    except (struct.error, KeyError, UnicodeDecodeError) as fault:
        raise NotGguf(f"{path.name} is damaged: its header cannot be read") from fault

    def text(key: str) -> str:
        value = found.get(f"general.{key}")
        return value.strip() if isinstance(value, str) else ""

    return GgufHeader(text("name"), text("license"), text("size_label"), text("architecture"))


def _value(file: IO[bytes], kind: int) -> Any:
    if kind == _STRING:
        return _string(file)
    if kind != _ARRAY:
        return _numbers(file, _NUMBERS[kind])[0]
    inner, length = _numbers(file, "<IQ")
    if inner in _NUMBERS:
        file.seek(length * struct.calcsize(_NUMBERS[inner]), 1)
        return None
    return [_value(file, inner) for _ in range(min(length, MOST_KEYS))]


def _string(file: IO[bytes]) -> str:
    (length,) = _numbers(file, "<Q")
    if length > LONGEST_STRING:
        raise KeyError(length)
    return file.read(length).decode()


def _numbers(file: IO[bytes], form: str) -> tuple[Any, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))

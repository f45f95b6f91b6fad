"""Input that would break the database or JSON: NUL, lone surrogates, huge or infinite numbers, deep nesting."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

# Signed 64 bits: the largest the databases can store.
LARGEST_INTEGER = 2**63 - 1
DEEPEST = 32
# A turn of 128 KiB is 171 KiB of base64.
MAX_BODY_BYTES = 256 * 1024
# What the admin exports can be imported again: the library that comes with the coach has 2.3 MiB. Each is held in
# memory, so a process takes few at a time. The reverse proxies in `deploy/` have the same limits.
IMPORT_PATH = "/admin/practice/scenario/import/"
MAX_IMPORT_BYTES = 5 * 1024 * 1024
IMPORTS_AT_ONCE = 4


class NotJson(Exception):
    """The body is not a JSON document; `str()` says where."""


def parsed(document: bytes | str) -> Any:
    """The value of a JSON document in UTF-8, with or without a byte order mark; raises NotJson."""
    try:
        text = document.decode("utf-8-sig") if isinstance(document, bytes) else document.removeprefix("\ufeff")
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except UnicodeDecodeError:
        raise NotJson("it is not UTF-8") from None
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except ValueError as error:
        raise NotJson(str(error).split(";")[0]) from None


def faults(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """(field, message) for every text and number in `value` that cannot be stored."""
    yield from _faults(value, field, 0)


def _faults(value: Any, field: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        yield field, "is nested too deeply"
    elif isinstance(value, str):
        if message := text_fault(value):
            yield field, message
    elif isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > LARGEST_INTEGER:
            yield field, "is too large a number"
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if message := text_fault(name):
                yield field or "body", f"has a name that {message}"
                continue
            yield from _faults(inner, f"{field}.{name}" if field else name, depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _faults(inner, f"{field}.{index}" if field else str(index), depth + 1)


def text_fault(text: str) -> str | None:
    if "\0" in text:
        return "contains a NUL character"
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return "contains half of a surrogate pair"
    return None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number

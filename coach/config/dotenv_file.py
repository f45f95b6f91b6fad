"""Reads `.env` as python-dotenv does, but what that would skip is a fault that names its line."""

import re
from collections.abc import Iterable, Mapping, MutableMapping
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# So that only a slip of the finger counts: variables of other programs stand in this file too.
_ALIKE = 0.9
_OF_LIBRARIES = re.compile(r"(AWS|HF|PG)_?[A-Z_]+|(HTTPS?|ALL|NO)_PROXY", re.IGNORECASE)


def read(path: Path) -> tuple[dict[str, str], list[str]]:
    """The values (none if there is no file), and a sentence for every fault. Raises OSError and UnicodeDecodeError."""
    if not path.exists():
        return {}, []
    text = path.read_text("utf-8-sig")
    found = dotenv_values(stream=StringIO(text))
    return {name: value for name, value in found.items() if value is not None}, _faults(text)


def hand_on(values: Mapping[str, str], environment: MutableMapping[str, str]) -> None:
    """Put what libraries read for themselves (S3, PostgreSQL, the model hub, proxies) into the process environment."""
    for name, value in values.items():
        if _OF_LIBRARIES.fullmatch(name) and value:
            environment.setdefault(name, value)


def misspelt(given: Iterable[str], known: Iterable[str]) -> list[tuple[str, str]]:
    """Names that are no setting, each with the setting that was probably meant."""
    names = {form for name in known for form in (name, f"{name}_FILE")}
    unknown = (name for name in given if name not in names)
    found = [(name, get_close_matches(name.upper(), names, n=1, cutoff=_ALIKE)) for name in unknown]
    return [(name, meant[0]) for name, meant in found if meant]


def _faults(text: str) -> list[str]:
    """Without a word of what stands there: it may be a secret."""
    faults = []
    lines: dict[str, tuple[int, str | None]] = {}
    for binding in parse_stream(StringIO(text)):
        name, line = binding.key, _line(binding)
        if binding.error or (name and (binding.value is None or not _NAME.fullmatch(name))):
            faults.append(f"line {line} is not of the form NAME=value")
        elif name:
            before, value = lines.setdefault(name, (line, binding.value))
            if value != binding.value:
                faults.append(f"lines {before} and {line} give {name} different values")
    return faults


def _line(binding: Binding) -> int:
    """Where it begins; the parser counts the empty lines before it as part of it."""
    string = binding.original.string
    return binding.original.line + string[: len(string) - len(string.lstrip())].count("\n")

"""Phrases the faults of a seed record in the reader's language, at the field as the file names it.

`seed_json` reports what is no JSON, `seed_format.parse` the faults of each record, `role_brief_faults` those within a
brief, `seeding` those between records and what a published scenario lacks.
"""

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

from django.utils.translation import gettext as _
from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from practice.seed_data.seed_fields import SeedShape

_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda context: _("is required"),
    "string_type": lambda context: _("must be text"),
    "string_unicode": lambda context: _("contains half of a surrogate pair, which is not text"),
    "string_too_short": lambda context: _("must not be empty"),
    "string_too_long": lambda context: _("must be at most %(max_length)s characters") % context,
    "int_type": lambda context: _("must be a whole number"),
    "greater_than_equal": lambda context: _("must be at least %(ge)s") % context,
    "less_than_equal": lambda context: _("must be at most %(le)s") % context,
    "list_type": lambda context: _("must be a list"),
    "too_long": lambda context: _("must have at most %(max_length)s entries") % context,
    "too_short": lambda context: _("must not be empty"),
    "literal_error": lambda context: _("must be one of: %(choices)s") % {"choices": _choices(context["expected"])},
    "dict_type": lambda context: _("must be an object"),
    "bool_type": lambda context: _("must be true or false"),
    "model_type": lambda context: _("must be an object"),
}


def explain(fault: ErrorDetails, row: Any, shape: type[SeedShape]) -> tuple[str, str]:
    """Field (as the file would name it) and message of one of pydantic's errors."""
    path = fault["loc"]
    field = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
    field = field.encode("utf-8", "backslashreplace").decode()
    if fault["type"] == "extra_forbidden":
        known = _shape_at(shape, path[:-1])
        return field, _("is not a known field") + did_you_mean(str(path[-1]), map(to_camel, known.model_fields))
    if fault["type"] == "model_type" and not path:
        return "", _("must be an object, not %(kind)s") % {"kind": kind_of(row)}
    words = _WORDS.get(fault["type"])
    return field, words(fault.get("ctx", {})) if words else fault["msg"]


def _shape_at(shape: type[BaseModel], path: Sequence[int | str]) -> type[BaseModel]:
    """The shape that describes the value at `path`, which uses the file's names."""
    for step in path:
        fields = {to_camel(name): field for name, field in shape.model_fields.items()}
        if isinstance(step, str) and step in fields:
            shape = _shapes_in(fields[step].annotation)[0]
    return shape


def _shapes_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _shapes_in(part)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.7)
    return _(" (did you mean %(word)s?)") % {"word": close[0]} if close else ""


def _choices(expected: str) -> str:
    """`'en' or 'zh'`, as pydantic lists them, without the English word between."""
    return expected.replace(" or ", ", ")


def quoted(keys: Iterable[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)


def kind_of(value: Any) -> str:
    number = _("a number")
    names = {
        dict: _("an object"),
        list: _("a list"),
        str: _("text"),
        bool: _("true or false"),
        int: number,
        float: number,
    }
    return next((name for kind, name in names.items() if isinstance(value, kind)), "null")

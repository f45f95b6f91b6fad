"""Convert remote values to column values; refuse those whose meaning is not clear."""

import json
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from coach.leancloud.values import BrokenValue, CutText, iso, moment

_WHOLE_NUMBER = re.compile(r"[+-]?\d{1,18}(\.0+)?")
_YES_NO = {"true": True, "false": False, "1": True, "0": False}


def is_optional(column: models.Field) -> bool:
    """Whether a record is valid without a value in this column."""
    return column.null or column.has_default() or (_is_text(column) and column.blank)


def empty(column: models.Field) -> Any:
    """The empty value of an optional column. Raises BrokenValue for a required one."""
    if column.null:
        return None
    if column.has_default():
        return column.get_default()
    if _is_text(column):
        return ""
    raise BrokenValue(f"{column.attname}: is missing")


def cleaned(column: models.Field, value: Any, *, named: str) -> Any:
    """The value converted for the column. Raises BrokenValue or CutText; both name the field `named`."""
    if value is None:
        return empty(column)
    if column.is_relation:
        return value
    if isinstance(column, models.DateTimeField):
        time = moment(named, value)
        return empty(column) if time is None else time
    if isinstance(column, models.JSONField):
        return _json(column, value, named)
    if _is_text(column):
        return _text(column, value, named)
    if isinstance(column, models.BooleanField):
        return _boolean(value, named)
    if isinstance(column, models.IntegerField):
        return _integer(column, value, named)
    try:
        return column.to_python(value)
    except (ValidationError, TypeError, ValueError, OverflowError):
        raise BrokenValue(f"{named}: of the wrong kind") from None


def sendable(column: models.Field, value: Any) -> Any:
    """The value as it is sent in JSON."""
    return iso(value) if isinstance(column, models.DateTimeField) else value


def _is_text(column: models.Field) -> bool:
    return isinstance(column, models.CharField | models.TextField)


def _text(column: models.Field, value: Any, named: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BrokenValue(f"{named}: not text")
    text = str(value)
    if column.choices and text and text not in {choice for choice, _ in column.flatchoices}:
        raise BrokenValue(f"{named}: none of the values it may have")
    if column.max_length and len(text) > column.max_length:
        raise CutText(f"{named}: longer than {column.max_length} characters", text[: column.max_length])
    return text


def _integer(column: models.Field, value: Any, named: str) -> int:
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value.strip()):
        value = float(value) if "." in value else int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BrokenValue(f"{named}: not a whole number")
    try:
        column.run_validators(value)
    except ValidationError:
        raise BrokenValue(f"{named}: out of range") from None
    return value


def _boolean(value: Any, named: str) -> bool:
    known = _YES_NO.get(str(value).strip().lower())
    if known is None:
        raise BrokenValue(f"{named}: neither true nor false")
    return known


def _json(column: models.Field, value: Any, named: str) -> Any:
    default = column.get_default() if column.has_default() else None
    if isinstance(default, list | dict) and not isinstance(value, type(default)):
        raise BrokenValue(f"{named}: not {'a list' if isinstance(default, list) else 'an object'}")
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        raise BrokenValue(f"{named}: holds a number that is none") from None
    return value

"""Field types that the API accepts, each with its own error message."""

import re
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, Field

from coach.edge.input_limits import text_fault
from coach.text import is_blank
from practice.session_socket import protocol


def _zoned_time(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else protocol.parse_time(value)
    if moment is None:
        raise ValueError(_("Give a time with zone, for example 2026-03-01T09:30:00Z."))
    return moment


def _plain(value: str) -> str:
    if text_fault(value):
        raise ValueError(_("Give plain text."))
    return value


def _said(value: str) -> str:
    """Text with surrounding white space removed; text of which nothing can be seen is refused."""
    text = _plain(value).strip()
    if is_blank(text):
        raise ValueError(_("Write at least one word."))
    return text


def _digits(value: Any) -> Any:
    """Otherwise "1_0", " 1" and "1.0" would count as numbers."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise ValueError(_("Give a whole number, for example 10."))
    return value


def left_out(default: Any) -> BeforeValidator:
    """Null means the same as a field that is not there."""
    return BeforeValidator(lambda value: default if value is None else value)


ZonedTime = Annotated[datetime, BeforeValidator(_zoned_time)]
Text = Annotated[str, AfterValidator(_plain)]
Flag = Annotated[bool, Field(strict=True), left_out(False)]
Id = Annotated[str, AfterValidator(_plain), Field(max_length=64)]
QueryNumber = Annotated[int, BeforeValidator(_digits)]
StepCount = Annotated[QueryNumber, Field(ge=1, le=2**31 - 1)]
Said = Annotated[str, AfterValidator(_said)]

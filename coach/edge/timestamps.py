"""The format of times in all interfaces: ISO 8601 in UTC, with milliseconds and `Z`."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema


def iso(moment: datetime) -> str:
    """`2026-03-01T09:30:00.000Z`; anything below a millisecond is cut off."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[
    datetime, PlainSerializer(iso, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""A time in an API schema: a datetime in code, `iso` in JSON."""

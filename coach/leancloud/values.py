"""Read the value of a LeanCloud field in any of its usual notations.

SDKs, consoles, importers and scripts write differently: a time is text, a Date or milliseconds; a reference is an id, a
Pointer or a whole object; a file is an id, a File or a URL.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.dateparse import parse_datetime

ID_LENGTH_MAX = 40

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Epoch seconds from 2000 to 2100; epoch milliseconds are a thousand times larger.
_EPOCH_SECONDS = range(946_684_800, 4_102_444_800)


class BrokenValue(Exception):
    """A remote value that cannot be used. `str()` names the field and the fault, never the content."""


class CutText(BrokenValue):
    """Text too long for its column; `text` is the part that fits."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


class MissingReference(BrokenValue):
    """The value refers to an object that is not here."""

    def __init__(self, class_name: str, object_id: str) -> None:
        super().__init__(f"refers to a {class_name} that is not there")
        self.class_name, self.object_id = class_name, object_id


@dataclass(frozen=True)
class FileReference:
    """A `_File` by id, URL or both; falsy if there is no file."""

    file_id: str = ""
    url: str = ""

    def __bool__(self) -> bool:
        return bool(self.file_id or self.url)


def iso(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


def moment(remote: str, value: Any) -> datetime | None:
    """Parse a time; None if the value is empty. Raises BrokenValue.

    Accepts ISO 8601, e-mail dates, LeanCloud Dates, MongoDB's `$date`, and epoch seconds or milliseconds. UTC unless
    the value has a zone.
    """
    if isinstance(value, Mapping):
        value = value.get("iso", value.get("$date", value.get("$numberLong", "?")))
        return moment(remote, value)
    if value in (None, "") or isinstance(value, datetime):
        return value or None
    if isinstance(value, str):
        parsed = _from_text(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        parsed = _from_epoch(value)
    else:
        parsed = None
    if parsed is None:
        raise BrokenValue(f"{remote}: not a time")
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def latest(time: datetime, *others: datetime | None) -> datetime:
    return max([time, *(other for other in others if other is not None)])


def stamp(body: Mapping[str, Any]) -> datetime | None:
    """When LeanCloud last changed the object; None if `updatedAt` is not a valid time.

    LeanCloud writes text here. A number is an accident and is not trusted to decide which side is newer.
    """
    value = body.get("updatedAt")
    if not isinstance(value, str | Mapping):
        return None
    try:
        return moment("updatedAt", value)
    except BrokenValue:
        return None


def object_id(remote: str, value: Any) -> str:
    """The id in a string, a Pointer, a whole object, or a list with one of these. Raises BrokenValue."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping):
        value = value.get("objectId") or value.get("$id") or value.get("id")
    if not isinstance(value, str) or not value:
        raise BrokenValue(f"{remote}: neither an id nor a Pointer")
    return value


def file_reference(body: Mapping[str, Any]) -> FileReference:
    """The recording named by `audioFileId` and `audioUrl`. Raises BrokenValue if either holds something else."""
    named = _file("audioFileId", body.get("audioFileId"))
    addressed = _file("audioUrl", body.get("audioUrl"), plain_is_url=True)
    return FileReference(named.file_id or addressed.file_id, named.url or addressed.url)


def storable(value: Any) -> Any:
    """Replace what databases reject (NUL, lone surrogates) by U+FFFD."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value) if _UNSTORABLE.search(value) else value
    if isinstance(value, list):
        return [storable(part) for part in value]
    if isinstance(value, Mapping):
        return {storable(name): storable(part) for name, part in value.items()}
    return value


def plain_id(value: Any) -> str:
    """An object's id, safe to print on a terminal."""
    text = value if isinstance(value, str) else ""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)[:ID_LENGTH_MAX] or "(no id)"


def _file(remote: str, value: Any, *, plain_is_url: bool = False) -> FileReference:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value in (None, "", [], {}):
        return FileReference()
    if isinstance(value, str):
        is_url = plain_is_url or value.startswith(("http://", "https://"))
        return FileReference(url=value) if is_url else FileReference(file_id=value)
    if isinstance(value, Mapping):
        ids = (value.get(name) for name in ("objectId", "id", "$id"))
        file_id = next((each for each in ids if isinstance(each, str) and each), "")
        url = value.get("url")
        if file_id or isinstance(url, str):
            return FileReference(file_id, url if isinstance(url, str) else "")
    raise BrokenValue(f"{remote}: names no file")


def _from_text(text: str) -> datetime | None:
    if re.fullmatch(r"\d{10}|\d{13}", text):
        return _from_epoch(int(text))
    try:
        return parse_datetime(text) or parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _from_epoch(number: float) -> datetime | None:
    if not 0 < number < _EPOCH_SECONDS.stop * 1000:
        return None
    for seconds in (number, number / 1000):
        if _EPOCH_SECONDS.start <= seconds < _EPOCH_SECONDS.stop:
            return datetime.fromtimestamp(seconds, UTC)
    return None

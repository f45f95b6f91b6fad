"""What the value of a LeanCloud field says, in whichever of the usual ways it is written.

Objects have been written by SDKs, consoles, importers and scripts: a time comes as text, as a Date or as milliseconds,
a reference as an id, a Pointer or the whole object, a file as its id, a File or an address.
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
# Seconds since 1970 that mean a moment between 2000 and 2100; a thousand times as much is milliseconds.
_EPOCH_SECONDS = range(946_684_800, 4_102_444_800)


class BrokenValue(Exception):
    """A remote value that cannot be taken over. `str()` names the field and what is wrong, never its content."""


class CutText(BrokenValue):
    """Text that is too long for its column; `text` is as much of it as fits."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


class MissingReference(BrokenValue):
    """The value names an object that has not been brought here."""

    def __init__(self, class_name: str, object_id: str) -> None:
        super().__init__(f"refers to a {class_name} that is not there")
        self.class_name, self.object_id = class_name, object_id


@dataclass(frozen=True)
class FileReference:
    """A `_File` object by its id, its address, or both; False where the field names no file."""

    file_id: str = ""
    url: str = ""

    def __bool__(self) -> bool:
        return bool(self.file_id or self.url)


def iso(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


def moment(remote: str, value: Any) -> datetime | None:
    """The time that a value means; None where it is empty. Raises BrokenValue.

    Taken: ISO 8601, an e-mail date, a LeanCloud Date, MongoDB's `$date`, and seconds or milliseconds since 1970. What
    has no zone is UTC.
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


def stamp(body: Mapping[str, Any]) -> datetime | None:
    """When LeanCloud last changed an object; None where `updatedAt` does not say.

    LeanCloud itself writes text. A number there is somebody's accident and decides nothing.
    """
    value = body.get("updatedAt")
    if not isinstance(value, str | Mapping):
        return None
    try:
        return moment("updatedAt", value)
    except BrokenValue:
        return None


def object_id(remote: str, value: Any) -> str:
    """The id in a plain string, a Pointer, a whole object, or a list that holds one of these. Raises BrokenValue."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping):
        value = value.get("objectId") or value.get("$id") or value.get("id")
    if not isinstance(value, str) or not value:
        raise BrokenValue(f"{remote}: neither an id nor a Pointer")
    return value


def file_reference(body: Mapping[str, Any]) -> FileReference:
    """The recording that an object names in two fields, in any form. Raises BrokenValue where they name no file."""
    named = _file("audioFileId", body.get("audioFileId"))
    addressed = _file("audioUrl", body.get("audioUrl"), plain_is_url=True)
    return FileReference(named.file_id or addressed.file_id, named.url or addressed.url)


def storable(value: Any) -> Any:
    """The same with U+FFFD for what no database takes: NUL and lone surrogates."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value) if _UNSTORABLE.search(value) else value
    if isinstance(value, list):
        return [storable(part) for part in value]
    if isinstance(value, Mapping):
        return {storable(name): storable(part) for name, part in value.items()}
    return value


def plain_id(value: Any) -> str:
    """An object's own id as it may be shown on a terminal."""
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

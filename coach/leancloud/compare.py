"""Compare a local record with its LeanCloud object.

Fields the object does not have are not compared: some objects are older than some fields. Neither a different notation
of the same value nor a value that a pull would convert to the local one counts as a difference.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from coach.leancloud import columns
from coach.leancloud.incoming import ANYTHING, Incoming, Refs
from coach.leancloud.records import LOCAL_ID, REST, MirroredClass
from coach.leancloud.values import BrokenValue, moment

IGNORED = frozenset(
    {
        LOCAL_ID,
        REST,
        "audioFileId",
        "audioUrl",
        "wsChannel",
        "queuePosition",
        "skillSummaries",
        "totalDurationSeconds",
    }
)
"""Bookkeeping, or derived from other fields. Audio is compared by its bytes."""


def differing(kind: MirroredClass, record: Any, body: Mapping[str, Any], refs: Refs) -> Iterator[str]:
    """Names of the fields that differ. Raises NotMirroredYet."""
    expected = kind.outward(record, refs)
    becomes: dict[str, Any] | None = None
    for name, ours in expected.items():
        if name in IGNORED or name not in body or covers(plain(ours), plain(body[name])):
            continue
        if name in kind.derived:
            same = _derived_is_same(kind, name, ours, Incoming(body, refs, all_seen=True))
        else:
            becomes = _becomes(kind, Incoming(body, refs, all_seen=True)) if becomes is None else becomes
            attribute = next(each.attribute for each in kind.fields if each.remote == name)
            same = attribute in becomes and becomes[attribute] == getattr(record, attribute)
        if not same:
            yield name
    yield from _differing_content(kind, record, body)


def covers(ours: Any, theirs: Any) -> bool:
    """Whether `ours` contains everything in `theirs`. All empty values are equal."""
    if theirs is ANYTHING or (not ours and not theirs):
        return True
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        return all(covers(ours.get(name), part) for name, part in theirs.items())
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(covers, ours, theirs))
    return bool(ours == theirs)


def plain(value: Any) -> Any:
    """Normalise the notation: Pointers, Dates, and ISO times with or without microseconds."""
    if isinstance(value, Mapping):
        kind = value.get("__type")
        if kind in ("Pointer", "Object"):
            return value.get("objectId")
        if kind == "Date":
            return plain(value.get("iso"))
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, str) and len(value) >= 19 and value[4:5] == "-" and value[10:11] == "T":
        try:
            return moment("", value)
        except BrokenValue:
            return value
    return value


def _derived_is_same(kind: MirroredClass, name: str, ours: Any, incoming: Incoming) -> bool:
    try:
        theirs = kind.derived[name](incoming.body[name], incoming)
    except BrokenValue:
        return False
    # Anything that had to be left out counts as a difference.
    return not incoming.problems and covers(plain(ours), plain(theirs))


def _becomes(kind: MirroredClass, incoming: Incoming) -> dict[str, Any]:
    """The attributes a pull would set; empty if it would refuse the object."""
    try:
        return kind.inward(incoming)
    except BrokenValue:
        return {}


def _differing_content(kind: MirroredClass, record: Any, body: Mapping[str, Any]) -> Iterator[str]:
    given = body.get(REST)
    if not isinstance(given, Mapping):
        return
    for column in kind.rest:
        if column.attname in kind.content and column.attname in given:
            ours = columns.sendable(column, getattr(record, column.attname))
            if not covers(plain(ours), plain(given[column.attname])):
                yield f"{REST}.{column.attname}"

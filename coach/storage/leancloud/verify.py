"""Compare everything here with everything there, field by field and checksum by checksum.

In memory is one page of objects; which records have been met is kept aside on disk.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from coach.storage import audio
from coach.storage.audio import AudioLost
from coach.storage.leancloud.aside import Aside
from coach.storage.leancloud.pull import PAGE, Objects
from coach.storage.leancloud.records import LOCAL_ID, REST, Broken, MirroredClass, NotMirroredYet, Refs, classes, moment
from coach.storage.leancloud.refs import ComparingRefs
from coach.storage.models import RemoteObject

IDS = 2_000

IGNORED = frozenset({LOCAL_ID, REST, "audioFileId", "audioUrl", "wsChannel", "queuePosition", "skillSummaries"})
"""Bookkeeping, or what follows from other fields; audio is compared by its bytes."""


def differences(source: Objects, *, progress: Callable[[str, int], None] = lambda name, count: None) -> Iterator[str]:
    """A sentence for each difference. Raises LeanCloudUnavailable where it cannot compare."""
    refs = ComparingRefs()
    for kind in classes():
        seen, compared = Aside(), 0
        for page in source.scan(kind.name, page=PAGE):
            yield from _page_differences(kind, page, seen, source, refs)
            compared += len(page)
            progress(kind.name, compared)
        for some in _ids(kind):
            met = seen.get(some)
            yield from (f"{kind.name} {each}: is not in LeanCloud" for each in some if each not in met)


def _ids(kind: MirroredClass) -> Iterator[list[str]]:
    """The ids of all records, page by page."""
    every, last = kind.model._default_manager.order_by("pk").values_list("pk", flat=True), ""
    while some := list(every.filter(pk__gt=last)[:IDS]):
        yield some
        last = some[-1]


def _page_differences(
    kind: MirroredClass, page: list[dict[str, Any]], seen: Aside, source: Objects, refs: Refs
) -> Iterator[str]:
    named = [body for body in page if isinstance(body.get("objectId"), str)]
    yield from (f"{kind.name}: an object has no objectId" for _ in page[len(named) :])
    ids = [body["objectId"] for body in named]
    here = {
        remote.object_id: remote.record_id
        for remote in RemoteObject.objects.filter(class_name=kind.name, object_id__in=ids)
    }
    records = {record.pk: record for record in kind.records().filter(pk__in=here.values())}
    stored: dict[str, dict[str, Any]] = {}
    if kind.audio is not None:
        stored = source.find_files(_file_ids(named))
    seen.put((record_id, None) for record_id in records)
    for body in named:
        record = records.get(here.get(body["objectId"], ""))
        if record is None:
            yield f"{kind.name} {body['objectId']}: is not here"
            continue
        yield from _field_differences(kind, record, body, refs)
        if kind.audio is not None:
            yield from _audio_differences(kind, record, body, source, stored)


def _field_differences(kind: MirroredClass, record: Any, body: Mapping[str, Any], refs: Refs) -> Iterator[str]:
    try:
        expected = kind.outward(record, refs)
    except NotMirroredYet as missing:
        yield f"{kind.name} {body['objectId']}: refers to a {missing.class_name} that is not in LeanCloud"
        return
    for name, value in expected.items():
        if name in IGNORED:
            continue
        there = _plain(body.get(name))
        if _plain(value) != there and (value or there):
            yield f"{kind.name} {body['objectId']}: {name} differs"


def _audio_differences(
    kind: MirroredClass, record: Any, body: Mapping[str, Any], source: Objects, stored: Mapping[str, dict[str, Any]]
) -> Iterator[str]:
    recording = getattr(record, kind.audio or "")
    file_id = body.get("audioFileId")
    if not file_id and not body.get("audioUrl"):
        if recording is not None:
            yield f"{kind.name} {body['objectId']}: its audio is not in LeanCloud"
        return
    if recording is None:
        yield f"{kind.name} {body['objectId']}: its audio is not here"
        return
    try:
        mine = hashlib.md5(audio.read(recording), usedforsecurity=False).hexdigest()
        theirs = _checksum(source, stored.get(str(file_id)), body.get("audioUrl"))
    except (AudioLost, FileNotFoundError):
        yield f"{kind.name} {body['objectId']}: the bytes of its audio are missing"
        return
    if mine != theirs:
        yield f"{kind.name} {body['objectId']}: its audio differs"


def _checksum(source: Objects, file: Mapping[str, Any] | None, url: Any) -> str:
    file = file or {}
    stated = (file.get("metaData") or {}).get("_checksum")
    if isinstance(stated, str) and stated:
        return stated
    return hashlib.md5(source.download(str(file.get("url") or url or "")), usedforsecurity=False).hexdigest()


def _file_ids(page: Iterable[Mapping[str, Any]]) -> list[str]:
    return [body["audioFileId"] for body in page if isinstance(body.get("audioFileId"), str) and body["audioFileId"]]


def _plain(value: Any) -> Any:
    """The same thing however it is written: Pointers, Dates and ISO times with or without microseconds."""
    if isinstance(value, Mapping):
        if value.get("__type") == "Pointer":
            return value.get("objectId")
        if value.get("__type") == "Date":
            return _plain(value.get("iso"))
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, str) and len(value) >= 19 and value[4:5] == "-" and value[10:11] == "T":
        try:
            return moment("", value)
        except Broken:
            return value
    return value

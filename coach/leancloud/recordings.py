"""Download the recordings of pulled turns, several in parallel; one failure does not stop the others."""

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, Protocol

from django.db import transaction

from coach import clock
from coach.audio import recording_limits
from coach.leancloud.models import OutboxRow, RemoteObject
from coach.leancloud.records import FILE, MirroredClass
from coach.leancloud.values import FileReference, file_reference
from coach.leancloud.wire import LeanCloudError
from coach.storage import audio, stores

DOWNLOADS = 8
"""Parallel downloads."""

Spoken = tuple[Any, Mapping[str, Any]]
"""A record without its recording, and its object."""
Failed = Callable[[Mapping[str, Any], str], None]


class Files(Protocol):
    """A source of recordings."""

    def find_files(self, object_ids: Iterable[str]) -> dict[str, dict[str, Any]]: ...

    def download(self, url: str) -> bytes: ...


class CannotBeHad(Exception):
    """There is no usable recording; `str()` says why."""


def wanted(kind: MirroredClass, record: Any, body: Mapping[str, Any]) -> bool:
    """Whether the object has a recording the record lacks. Raises BrokenValue if its fields name no file."""
    if kind.audio is None or getattr(record, f"{kind.audio}_id") is not None:
        return False
    return bool(file_reference(body))


def fetch(
    kind: MirroredClass, files: Files, spoken: Sequence[Spoken], *, kept: Callable[[], None], failed: Failed
) -> None:
    """Download and store recordings, outside any transaction. Calls `kept` or `failed` for each."""
    references = {id(body): file_reference(body) for _, body in spoken}
    stored = stored_files(files, references.values())
    # A silent host is hardly asked any more; a random order lets the next run start elsewhere.
    waiting = iter(random.sample(spoken, len(spoken)))
    with ThreadPoolExecutor(DOWNLOADS, thread_name_prefix="pull") as pool:
        while some := list(islice(waiting, DOWNLOADS)):
            downloads = [_submitted(pool, files, references[id(body)], stored) for _, body in some]
            for (record, body), download in zip(some, downloads, strict=True):
                reference = references[id(body)]
                try:
                    content = download.result()
                    _keep(kind, record, reference, content)
                except CannotBeHad as error:
                    failed(body, f"its audio cannot be had ({error})")
                except audio.AudioLost:
                    failed(body, "its audio took too long to be stored; pull again")
                else:
                    kept()
                    if not _as_stated(content, stored.get(reference.file_id, {})):
                        failed(body, "its audio is kept, but it is not what LeanCloud's checksum says")


def stated_checksum(file: Mapping[str, Any]) -> str | None:
    """The MD5 a `_File` object states; None if it states none or something else."""
    about = file.get("metaData")
    stated = about.get("_checksum") if isinstance(about, Mapping) else None
    return stated.lower() if isinstance(stated, str) and re.fullmatch(r"[0-9a-fA-F]{32}", stated) else None


def stored_files(files: Files, references: Iterable[FileReference]) -> dict[str, dict[str, Any]]:
    """The `_File` objects of references by id; empty if LeanCloud refuses."""
    ids = [reference.file_id for reference in references if reference.file_id]
    try:
        return files.find_files(ids) if ids else {}
    except LeanCloudError:
        # Fall back to the URLs in the records.
        return {}


def address(reference: FileReference, file: Mapping[str, Any]) -> str:
    """URL of the bytes: from the file object, else from the record."""
    url = file.get("url")
    return url if isinstance(url, str) and url else reference.url


def _submitted(
    pool: ThreadPoolExecutor, files: Files, reference: FileReference, stored: Mapping[str, dict[str, Any]]
) -> "Future[bytes]":
    return pool.submit(_playable, files, reference, stored.get(reference.file_id, {}))


def _playable(files: Files, reference: FileReference, file: Mapping[str, Any]) -> bytes:
    """Download a recording and check that it plays. Raises CannotBeHad."""
    url = address(reference, file)
    if not url:
        raise CannotBeHad("LeanCloud has no such file")
    try:
        content = files.download(url)
        if not _as_stated(content, file):
            # Perhaps the transfer was cut short.
            content = files.download(url)
    except (FileNotFoundError, LeanCloudError) as error:
        raise CannotBeHad(str(error)) from None
    try:
        recording_limits.decode(content)
    except recording_limits.RecordingRefused:
        raise CannotBeHad("what its address sends is no MP3 that plays") from None
    return content


def _as_stated(content: bytes, file: Mapping[str, Any]) -> bool:
    stated = stated_checksum(file)
    return stated is None or stated == hashlib.md5(content, usedforsecurity=False).hexdigest()


def _keep(kind: MirroredClass, record: Any, reference: FileReference, content: bytes) -> None:
    pcm, rate = recording_limits.decode(content)
    name = stores.LOCAL if stores.current() == stores.LEANCLOUD else stores.current()
    duration_ms = len(pcm) // 2 * 1000 // rate
    recording = audio.deposit(content, store=name, duration_ms=duration_ms, now=clock.now())
    with transaction.atomic():
        audio.adopt(recording)
        if reference.file_id:
            # Lets an erasure find the remote copy.
            RemoteObject.objects.update_or_create(
                class_name=FILE, object_id=reference.file_id, defaults={"record_id": recording.pk}
            )
        type(record)._default_manager.filter(pk=record.pk).update(**{str(kind.audio): recording})
        OutboxRow.objects.filter(class_name=kind.name, record_id=record.pk).delete()

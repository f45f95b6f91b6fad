"""Stores, reads and erases recordings, wherever their bytes are."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import BinaryIO, cast

from django.core.files.base import ContentFile
from django.db import transaction

from coach.storage import copies, stores
from coach.storage.models import AudioDeletion, AudioFile
from coach.telemetry import names
from coach.telemetry.spans import span

UPLOAD_TAKES_AT_MOST = copies.WRITING_TAKES_AT_MOST


class AudioLost(Exception):
    """The store says that these bytes do not exist."""


def keep(mp3: bytes, *, duration_ms: int, now: datetime) -> AudioFile:
    """Store a recording durably, as part of the caller's transaction."""
    return AudioFile.objects.create(
        content=mp3,
        sha256=hashlib.sha256(mp3).hexdigest(),
        size_bytes=len(mp3),
        duration_ms=duration_ms,
        created_at=now,
        next_attempt_at=now,
    )


def deposit(content: bytes, *, store: str, duration_ms: int, now: datetime) -> AudioFile:
    """Put a recording from elsewhere into a store, before its row exists, outside any transaction.

    Then `adopt` it in the transaction of the record that it belongs to. Until then its deletion is owed, so that a
    process killed in between leaves nothing behind. Raises what the store raises.
    """
    audio = AudioFile(
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        duration_ms=duration_ms,
        created_at=now,
        store=store,
        settled_at=now,
    )
    key = stores.key_for(audio.pk)
    copies.begin(store, key, of=audio.pk, now=now)
    audio.key = stores.store(store).save(key, ContentFile(content))
    return audio


def adopt(audio: AudioFile) -> None:
    """Store the row of a deposited recording, as part of the caller's transaction.

    Raises AudioLost if it is too late.
    """
    try:
        copies.keep(copies.Copy(audio.store, stores.key_for(audio.pk)))
    except copies.CopyGone:
        raise AudioLost(audio.id) from None
    audio.save(force_insert=True)


def open_stream(audio: AudioFile) -> BinaryIO:
    """A seekable stream over the recording. Raises AudioLost, or what the store raises when it is down."""
    if audio.content is not None:
        return BytesIO(audio.content)
    try:
        return cast(BinaryIO, stores.store(audio.store).open(audio.key, "rb"))
    except FileNotFoundError:
        raise AudioLost(audio.id) from None


def read(audio: AudioFile) -> bytes:
    """All bytes of a recording (at most a few hundred KiB). Raises as `open_stream`."""
    with (
        span(names.STORAGE_READ, **{names.STORE: audio.store if audio.content is None else "database"}),
        open_stream(audio) as stream,
    ):
        return stream.read()


@dataclass(frozen=True)
class OtherCopy:
    """Bytes of a recording in a store other than the one its row names."""

    recording_id: str
    store: str
    key: str


Release = Callable[[Collection[str]], list[OtherCopy]]
"""Returns the other copies of these recordings, which no longer belong to anything."""

_releases: list[Release] = []


def register_copies(release: Release) -> None:
    """Let erasures also delete copies that another module manages."""
    _releases.append(release)


def erase(recordings: Mapping[str, str], *, now: datetime) -> int:
    """Forget recordings: no reader finds them any more, and every stored copy must be deleted. Returns how many.

    `recordings`: id → the erasure that waits for the deletion (empty: merely replaced). A recording that is not
    uploaded yet gets a deletion as well, late enough that no worker can still be uploading it.
    """
    with transaction.atomic():
        wanted = AudioFile.objects.select_for_update().filter(pk__in=list(recordings)).order_by("pk")
        audios = list(wanted.defer("content"))
        ids = [audio.pk for audio in audios]
        others = [copy for release in _releases for copy in release(ids)]
        stored = [(copy.store, copy.key, now, copy.recording_id) for copy in others]
        for audio in audios:
            due = now if audio.store else now + UPLOAD_TAKES_AT_MOST
            store = audio.store or audio.bound_for or stores.current()
            stored.append((store, audio.key or stores.key_for(audio.pk), due, audio.pk))
        AudioDeletion.objects.bulk_create(
            [
                AudioDeletion(store=store, key=key, erasure=recordings[pk], created_at=now, next_attempt_at=due)
                for store, key, due, pk in stored
            ],
            ignore_conflicts=True,
        )
        copies.watch(dict(recordings))
        AudioFile.objects.filter(pk__in=ids).delete()
    return len(audios)

"""Keep, read and erase recordings, wherever their bytes are."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import BinaryIO, cast

from django.db import transaction

from coach.storage import stores
from coach.storage.models import AudioDeletion, AudioFile


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
    with open_stream(audio) as stream:
        return stream.read()


def erase(audio_ids: Iterable[str], *, now: datetime) -> int:
    """Forget recordings: no reader finds them from here on, and every stored copy is owed a deletion. Returns how many.

    Also owes the deletion of a copy that a settling worker may be writing at this very moment.
    """
    with transaction.atomic():
        audios = list(AudioFile.objects.select_for_update().filter(pk__in=list(audio_ids)).defer("content"))
        places = {(audio.store, audio.key) for audio in audios if audio.store}
        places |= {(stores.current(), stores.key_for(audio.pk)) for audio in audios if not audio.store}
        AudioDeletion.objects.bulk_create(
            [AudioDeletion(store=store, key=key, created_at=now, next_attempt_at=now) for store, key in sorted(places)],
            ignore_conflicts=True,
        )
        AudioFile.objects.filter(pk__in=[audio.pk for audio in audios]).delete()
    return len(audios)

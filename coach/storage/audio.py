"""Keep, read and erase recordings, wherever their bytes are."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from io import BytesIO
from typing import BinaryIO, cast

from django.db import transaction

from coach.storage import stores
from coach.storage.models import AudioDeletion, AudioFile

SETTLING_TAKES_AT_MOST = timedelta(minutes=2)


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


def erase(audio_ids: Iterable[str], *, now: datetime, erasure: str = "") -> int:
    """Forget recordings: no reader finds them from here on, and every stored copy is owed a deletion. Returns how many.

    `erasure` is the id under which the deletions can be watched. A recording that has not settled is owed one as well,
    later than any worker that is settling it right now could still write a copy.
    """
    with transaction.atomic():
        audios = list(AudioFile.objects.select_for_update().filter(pk__in=list(audio_ids)).defer("content"))
        AudioDeletion.objects.bulk_create(
            [
                AudioDeletion(
                    store=audio.store or stores.current(),
                    key=audio.key or stores.key_for(audio.pk),
                    erasure=erasure,
                    created_at=now,
                    next_attempt_at=now if audio.store else now + SETTLING_TAKES_AT_MOST,
                )
                for audio in audios
            ],
            ignore_conflicts=True,
        )
        AudioFile.objects.filter(pk__in=[audio.pk for audio in audios]).delete()
    return len(audios)

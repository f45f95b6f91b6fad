"""Uploads accepted recordings to their store, until each is done (`coach.jobs`).

A store that is down only delays this. The database keeps its copy as long as a conversation may need it: no turn ever
waits for a store.
"""

from datetime import datetime, timedelta

import structlog
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from coach.jobs import JobKind, Lease
from coach.storage import audio_deletion, stores
from coach.storage.audio import UPLOAD_TAKES_AT_MOST
from coach.storage.models import AudioFile
from coach.storage.store_retries import BACKOFF, BATCH, GIVE_STORE_A_REST_AFTER, put_off
from coach.telemetry import names
from coach.telemetry.spans import span

log = structlog.get_logger(__name__)

# Longer than a session lasts without coaching pauses; after that a recording is read from its store.
LOCAL_COPY_KEPT = timedelta(minutes=20)

UPLOAD: JobKind[AudioFile] = JobKind(
    "audio upload",
    AudioFile,
    owed=Q(settled_at=None, next_attempt_at__isnull=False),
    held_until="next_attempt_at",
    attempts="attempts",
    error="last_error",
    lease=UPLOAD_TAKES_AT_MOST,
    backoff=BACKOFF,
)


def upload_due(now: datetime) -> int:
    """Upload what is due, oldest first; returns how many were uploaded.

    After three failures the store is left alone.
    """
    uploaded = failures = 0
    for audio in UPLOAD.due(now).order_by("attempts", "next_attempt_at")[:BATCH]:
        lease = _claim(audio, now)
        if lease is None:
            continue
        try:
            upload(audio, now=now)
        except Exception as error:  # noqa: BLE001 (any store, any fault: the row keeps the promise)
            put_off(lease, error, now)
            failures += 1
            if failures == GIVE_STORE_A_REST_AFTER:
                break
        else:
            uploaded += 1
    return uploaded


def _claim(audio: AudioFile, now: datetime) -> Lease[AudioFile] | None:
    """Claim the upload, and record where the bytes will be before they are written."""
    before, store = audio.bound_for, stores.current()
    with transaction.atomic():
        lease = UPLOAD.claim(audio.pk, now=now, changes={"bound_for": store})
        if lease and before not in ("", store):
            # A worker had begun to write it into another store, before AUDIO_STORE changed.
            audio_deletion.owe(before, stores.key_for(audio.pk), now)
    audio.bound_for = store
    return lease


def upload(audio: AudioFile, *, now: datetime) -> None:
    """Write the bytes into the current store. Raises what the store raises."""
    if audio.content is None or audio.settled_at is not None:
        return
    name, key = audio.bound_for or stores.current(), stores.key_for(audio.pk)
    target = stores.store(name)
    with span(names.STORAGE_WRITE, {names.STORE: name, names.SIZE: audio.size_bytes}):
        if target.exists(key):
            target.delete(key)
        saved_as = target.save(key, ContentFile(bytes(audio.content)))
    moved = AudioFile.objects.filter(pk=audio.pk, settled_at=None).update(
        store=name, key=saved_as, settled_at=now, next_attempt_at=None, last_error=""
    )
    if not moved and not AudioFile.objects.filter(pk=audio.pk, store=name, key=saved_as).exists():
        # Erased meanwhile: the copy just written must be deleted.
        audio_deletion.owe(name, saved_as, now)


def drop_local_copies(now: datetime) -> int:
    """Drop the local copy of recordings that no conversation needs any more; returns how many.

    Only if the store says that it has the recording; a recording that it lost is uploaded again.
    """
    done = AudioFile.objects.filter(content__isnull=False, settled_at__lte=now - LOCAL_COPY_KEPT).order_by("settled_at")
    emptied = 0
    failed: set[str] = set()
    for audio in done.defer("content")[:BATCH]:
        if audio.store in failed:
            continue
        try:
            there = stores.store(audio.store).exists(audio.key)
        except Exception as error:  # noqa: BLE001 (any store, any fault: the row keeps the bytes)
            log.warning("audio store failed", store=audio.store, error=stores.fault(error))
            failed.add(audio.store)
            continue
        row = AudioFile.objects.filter(pk=audio.pk, store=audio.store, key=audio.key)
        if there:
            emptied += row.update(content=None)
        else:
            log.error("an uploaded recording was not in its store; it is uploaded again", store=audio.store)
            row.update(settled_at=None, store="", key="", next_attempt_at=now)
    return emptied


def not_uploaded() -> int:
    """The number of recordings that are still only in the database, waiting for their store."""
    return AudioFile.objects.filter(settled_at=None).count()

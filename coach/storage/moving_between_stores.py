"""Moves uploaded recordings from one store to another."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from coach.ids import new_id
from coach.storage import audio, copies, stores
from coach.storage.models import AudioDeletion, AudioFile

PAGE = 200
GIVE_STORES_A_REST_AFTER = 5


class CopyDiffers(Exception):
    """The store returns something other than what was written."""


def move_all(to: str, *, clock: Callable[[], datetime], progress: Callable[[str], None]) -> tuple[int, list[str]]:
    """Copy, compare and switch over every recording in another store; returns `(moved, problems)`.

    Can be repeated: a recording is always either in the old place or in the new one. The old copy is deleted only after
    the new one has been read back completely. After several failures in a row the store is considered down and the move
    stops.
    """
    moved, failures, last = 0, 0, ""
    problems: list[str] = []
    waiting = AudioFile.objects.exclude(store__in=["", to]).order_by("pk")
    while some := list(waiting.filter(pk__gt=last)[:PAGE]):
        for recording in some:
            try:
                moved += _move(recording, to, now=clock())
                failures = 0
            except (CopyDiffers, audio.AudioLost) as error:
                problems.append(f"{recording.pk}: {type(error).__name__}")
            except Exception as error:  # noqa: BLE001 (any store, any fault: the recording is where it was)
                problems.append(f"{recording.pk}: {stores.fault(error)}")
                failures += 1
                if failures == GIVE_STORES_A_REST_AFTER:
                    return moved, problems
            progress(recording.pk)
        last = some[-1].pk
    return moved, problems


def _move(recording: AudioFile, to: str, *, now: datetime) -> bool:
    content = audio.read(recording)
    if hashlib.sha256(content).hexdigest() != recording.sha256:
        raise CopyDiffers
    copy = _begun(recording, to, now)
    if copy is None:
        return False
    target = stores.store(to)
    saved_as = target.save(copy.key, ContentFile(content))
    with target.open(saved_as, "rb") as copied:
        if hashlib.sha256(copied.read()).hexdigest() != recording.sha256:
            copies.drop(copy, now=now)
            raise CopyDiffers
    with transaction.atomic():
        here = AudioFile.objects.filter(pk=recording.pk, store=recording.store, key=recording.key)
        if not here.update(store=to, key=saved_as):
            # Erased meanwhile: delete the new copy.
            copies.drop(copy, now=now)
            return False
        copies.keep(copy)
        AudioDeletion.objects.get_or_create(
            store=recording.store, key=recording.key, defaults={"created_at": now, "next_attempt_at": now}
        )
    return True


def _begun(recording: AudioFile, to: str, now: datetime) -> copies.Copy | None:
    """The copy to write; None if it has been moved there meanwhile."""
    key = stores.key_for(recording.pk)
    try:
        with transaction.atomic():
            copy = copies.begin(to, key, of=recording.pk, now=now)
    except IntegrityError:
        # A copy from an earlier attempt still waits for its deletion, which must not hit this one.
        return copies.begin(to, f"{key.removesuffix('.mp3')}-{new_id()[:8]}.mp3", of=recording.pk, now=now)
    if AudioFile.objects.filter(store=to, key=key).exists():
        copies.keep(copy)
        return None
    return copy

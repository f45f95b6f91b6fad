"""Bring everything from here into a LeanCloud app: recordings first, then the records that name them."""

from collections.abc import Callable, Iterator
from datetime import datetime

from coach.storage import audio
from coach.storage.leancloud import mirror
from coach.storage.leancloud.client import LeanCloud
from coach.storage.leancloud.records import FILE, classes
from coach.storage.models import AudioFile, MirrorRow, RemoteObject
from coach.storage.stores import LEANCLOUD, key_for


def push(lean: LeanCloud, *, clock: Callable[[], datetime], progress: Callable[[str, int], None]) -> int:
    """Every recording and record; returns how many records could not be delivered. Raises LeanCloudUnavailable."""
    for uploaded in _upload_recordings(lean):
        progress("recordings", uploaded)
    for noted in mirror.note_all(now=clock()):
        progress("noted", noted)
    while delivered := mirror.deliver(lean, now=clock(), batches=1):
        progress("records", delivered)
    names = [kind.name for kind in classes()]
    return MirrorRow.objects.filter(class_name__in=names).count()


def _upload_recordings(lean: LeanCloud) -> Iterator[int]:
    there = RemoteObject.objects.filter(class_name=FILE).values("record_id")
    waiting = AudioFile.objects.exclude(store=LEANCLOUD).exclude(pk__in=there).defer("content")
    for recording in waiting.order_by("pk").iterator(chunk_size=200):
        key = key_for(recording.pk)
        found = lean.find(FILE, {"key": key}, limit=1)
        object_id = found[0]["objectId"] if found else lean.upload(key, audio.read(recording), key=key).object_id
        RemoteObject.objects.update_or_create(
            class_name=FILE, record_id=recording.pk, defaults={"object_id": object_id}
        )
        yield 1

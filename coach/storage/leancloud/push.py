"""Bring everything from here into a LeanCloud app: recordings first, then the records that name them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice

from coach.storage import audio
from coach.storage.leancloud import files, mirror
from coach.storage.leancloud.client import LeanCloud
from coach.storage.leancloud.records import FILE, classes
from coach.storage.models import AudioFile, MirrorRow, RemoteObject
from coach.storage.stores import LEANCLOUD, key_for

UPLOADS = 8
"""Recordings on their way at once; all that is in memory of them."""

PAGE = 50
WAIT_SECONDS = 1.0


def push(
    lean: LeanCloud,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[str, int], None],
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Every recording and record; returns how many records could not be delivered. Raises LeanCloudError."""
    for uploaded in _upload_recordings(lean):
        progress("recordings", uploaded)
    for noted in mirror.note_all(now=clock()):
        progress("noted", noted)
    while (mine := mirror.take_lease(clock())) is None:
        # A worker is delivering right now.
        sleep(WAIT_SECONDS)
    try:
        while (done := mirror.deliver(lean, now=clock(), still_ours=lambda: mirror.keep_lease(mine, clock()))).taken:
            progress("records", done.delivered)
    finally:
        mirror.give_up_lease(mine, clock())
    names = [kind.name for kind in classes()]
    return MirrorRow.objects.filter(class_name__in=names).count()


def _upload_recordings(lean: LeanCloud) -> Iterator[int]:
    with ThreadPoolExecutor(UPLOADS, thread_name_prefix="push") as pool:
        waiting = _not_there()
        while page := list(islice(waiting, PAGE)):
            _clear_away(lean, [key_for(recording.pk) for recording in page])
            rest = iter(page)
            while some := list(islice(rest, UPLOADS)):
                uploads = [pool.submit(_upload, lean, recording.pk, audio.read(recording)) for recording in some]
                for recording, upload in zip(some, uploads, strict=True):
                    RemoteObject.objects.update_or_create(
                        class_name=FILE, record_id=recording.pk, defaults={"object_id": upload.result()}
                    )
                yield len(some)


def _not_there() -> Iterator[AudioFile]:
    there = RemoteObject.objects.filter(class_name=FILE).values("record_id")
    waiting = AudioFile.objects.exclude(store=LEANCLOUD).exclude(pk__in=there).defer("content").order_by("pk")
    last = ""
    while some := list(waiting.filter(pk__gt=last)[:PAGE]):
        yield from some
        last = some[-1].pk


def _clear_away(lean: LeanCloud, keys: list[str]) -> None:
    """Files that a push which was killed has left, perhaps without their bytes."""
    for left in lean.find(FILE, {"key": {"$in": keys}}, limit=PAGE):
        lean.delete_file(left["objectId"])


def _upload(lean: LeanCloud, recording_id: str, content: bytes) -> str:
    key = key_for(recording_id)
    stored = lean.upload(key, content, key=key)
    files.know(stored.object_id, stored.url)
    return stored.object_id

"""Push everything into a LeanCloud app: recordings first, then the records that refer to them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice

from coach.leancloud import files, lease, outbox
from coach.leancloud.client import LeanCloud
from coach.leancloud.models import OutboxRow, RemoteObject
from coach.leancloud.records import FILE, classes
from coach.leancloud.wire import LeanCloudRefused, LeanCloudUnavailable
from coach.storage import audio
from coach.storage.models import AudioFile
from coach.storage.stores import LEANCLOUD, key_for

UPLOADS = 8
"""Parallel uploads; also the number of recordings held in memory."""

PAGE = 50
GIVE_UP_AFTER = 5
"""After this many failed uploads in a row, LeanCloud is considered down."""
WAIT_SECONDS = 1.0


def push(
    lean: LeanCloud,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[str, int], None],
    report: Callable[[str], None] = lambda sentence: None,
) -> int:
    """Push every recording and record; returns how many could not be delivered. Raises LeanCloudError.

    `report` gets a sentence for each recording that failed; the others continue unless LeanCloud is down.
    """
    left = 0
    for uploaded, failed in _upload_recordings(lean, report):
        left += failed
        progress("recordings", uploaded)
    for noted in outbox.note_all(now=clock()):
        progress("noted", noted)
    while (mine := lease.take(clock())) is None:
        # A worker is delivering at the moment.
        time.sleep(WAIT_SECONDS)
    try:
        while (done := outbox.deliver(lean, now=clock(), still_ours=lambda: mine.renew(clock()))).taken:
            progress("records", done.delivered)
    finally:
        mine.give_back(clock())
    names = [kind.name for kind in classes()]
    return left + OutboxRow.objects.filter(class_name__in=names).count()


def _upload_recordings(lean: LeanCloud, report: Callable[[str], None]) -> Iterator[tuple[int, int]]:
    """Yields (uploaded, failed). Raises LeanCloudUnavailable after GIVE_UP_AFTER failures in a row."""
    in_a_row = 0
    with ThreadPoolExecutor(UPLOADS, thread_name_prefix="push") as pool:
        waiting = _not_there()
        while page := list(islice(waiting, PAGE)):
            _clear_away(lean, [key_for(recording.pk) for recording in page])
            rest = iter(page)
            while some := list(islice(rest, UPLOADS)):
                readable = [(recording, content) for recording in some if (content := _read(recording, report))]
                uploads = [pool.submit(_upload, lean, recording.pk, content) for recording, content in readable]
                sent = 0
                for (recording, _), upload in zip(readable, uploads, strict=True):
                    try:
                        object_id = upload.result()
                    except (LeanCloudRefused, LeanCloudUnavailable) as error:
                        in_a_row += isinstance(error, LeanCloudUnavailable)
                        if in_a_row == GIVE_UP_AFTER or (isinstance(error, LeanCloudRefused) and error.of_the_app):
                            raise
                        report(f"recording {recording.pk}: cannot be sent ({error})")
                        continue
                    in_a_row = 0
                    sent += 1
                    RemoteObject.objects.update_or_create(
                        class_name=FILE, record_id=recording.pk, defaults={"object_id": object_id}
                    )
                yield sent, len(some) - sent


def _not_there() -> Iterator[AudioFile]:
    there = RemoteObject.objects.filter(class_name=FILE).values("record_id")
    waiting = AudioFile.objects.exclude(store=LEANCLOUD).exclude(pk__in=there).defer("content").order_by("pk")
    last = ""
    while some := list(waiting.filter(pk__gt=last)[:PAGE]):
        yield from some
        last = some[-1].pk


def _clear_away(lean: LeanCloud, keys: list[str]) -> None:
    """Delete files left by a killed push; their bytes may be missing."""
    for left in lean.find(FILE, {"key": {"$in": keys}}, limit=PAGE):
        lean.delete_file(left["objectId"])


def _read(recording: AudioFile, report: Callable[[str], None]) -> bytes | None:
    try:
        return audio.read(recording)
    except Exception as error:  # noqa: BLE001 (any store, any fault: the other recordings are sent)
        report(f"recording {recording.pk}: cannot be read ({type(error).__name__})")
        return None


def _upload(lean: LeanCloud, recording_id: str, content: bytes) -> str:
    key = key_for(recording_id)
    stored = lean.upload(key, content, key=key)
    files.know(stored.object_id, stored.url)
    return stored.object_id

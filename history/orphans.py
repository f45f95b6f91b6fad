"""Finds files without a record, and records without an owner: a safety net behind `coach.storage.copies`."""

from datetime import datetime, timedelta

import structlog

from coach.storage import audio, stores
from coach.storage.models import AudioDeletion, AudioFile
from history import export
from history.models import Archive

log = structlog.get_logger(__name__)

# An open transaction may still contain the record of a file that was just written.
YOUNG = timedelta(hours=1)
BATCH = 200


def sweep(now: datetime) -> int:
    """Erase recordings without a turn, and schedule the deletion of archives without a row; returns how many."""
    found = _recordings_of_no_turn(now) + _archives_of_no_row(now)
    if found:
        log.error("orphaned files found", count=found)
    return found


def _recordings_of_no_turn(now: datetime) -> int:
    orphans = AudioFile.objects.filter(turn=None, created_at__lt=now - YOUNG)
    ids = list(orphans.values_list("pk", flat=True)[:BATCH])
    return audio.erase(dict.fromkeys(ids, ""), now=now) if ids else 0


def _archives_of_no_row(now: datetime) -> int:
    store = export.store()
    try:
        _, names = stores.store(store).listdir(export.FOLDER)
    except FileNotFoundError:
        return 0
    keys = [f"{export.FOLDER}/{name}" for name in names]
    known = set(Archive.objects.filter(key__in=keys).values_list("key", flat=True))
    known |= set(AudioDeletion.objects.filter(store=store, key__in=keys).values_list("key", flat=True))
    owed = [
        AudioDeletion(store=store, key=key, created_at=now, next_attempt_at=now) for key in keys if key not in known
    ]
    AudioDeletion.objects.bulk_create(owed, ignore_conflicts=True)
    return len(owed)

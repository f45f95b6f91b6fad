"""All of a trainee's data as one archive: a JSON file and the recordings of every session.

The row is the promise: any worker claims it, says how far it is, and is taken over when it falls silent. The archive is
kept for a day in the audio store (locally where that is LeanCloud, whose files are public to whoever has the address).
"""

import json
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.core.files import File
from django.db import transaction
from django.db.models import Q

from coach.ids import new_id
from coach.storage import audio, copies, stores
from coach.storage.models import AudioDeletion
from coach.telemetry import names
from coach.telemetry.spans import span
from history import detail
from history.models import Archive, ArchiveStatus
from practice.models import PracticeSession

log = structlog.get_logger(__name__)

KEPT = timedelta(days=1)
SILENT = timedelta(minutes=2)
UPLOAD_TAKES_AT_MOST = timedelta(minutes=30)
SAY_SO_EVERY = 10
FOLDER = "takeout"

Clock = Callable[[], datetime]


def store() -> str:
    """The name of the store that archives are kept in."""
    return stores.LOCAL if stores.current() == stores.LEANCLOUD else stores.current()


def request(user_id: str, *, now: datetime) -> Archive:
    """Ask for an archive; the one under way where there is one."""
    under_way = current(user_id)
    if under_way and under_way.status in (ArchiveStatus.WAITING, ArchiveStatus.BUILDING):
        return under_way
    return Archive.objects.create(user_id=user_id, requested_at=now)


def current(user_id: str) -> Archive | None:
    return Archive.objects.filter(user_id=user_id).order_by("-requested_at").first()


def build_due(clock: Clock) -> int:
    """Build what is asked for and nobody is building; returns how many were finished."""
    finished = 0
    waiting = Q(status=ArchiveStatus.WAITING) | Q(status=ArchiveStatus.BUILDING, claimed_until__lt=clock())
    for archive in Archive.objects.filter(waiting).order_by("requested_at"):
        claimed = Archive.objects.filter(waiting, pk=archive.pk).update(
            status=ArchiveStatus.BUILDING, claimed_until=clock() + SILENT, done=0
        )
        if claimed:
            with span(names.EXPORT) as job:
                try:
                    _build(archive, clock)
                    finished += 1
                except Exception as error:  # Whatever a store raises: the trainee is told and may ask again.
                    job.fail(type(error).__name__)
                    log.warning("archive not built", error=type(error).__name__)
                    building = Archive.objects.filter(pk=archive.pk, status=ArchiveStatus.BUILDING)
                    building.update(status=ArchiveStatus.FAILED)
    return finished


def drop_expired(now: datetime) -> int:
    """Owe the deletion of archives that are a day old; returns how many."""
    expired = list(Archive.objects.filter(expires_at__lt=now))
    return sum(drop(archive, now=now) for archive in expired)


@transaction.atomic
def drop(archive: Archive, *, now: datetime, erasure: str = "") -> bool:
    """Forget an archive, and owe the deletion of its file, written or being written."""
    # As it is now: whoever builds it may have finished since it was read.
    locked = Archive.objects.select_for_update().filter(pk=archive.pk).first()
    if locked is None:
        return False
    if locked.key:
        AudioDeletion.objects.get_or_create(
            store=locked.store,
            key=locked.key,
            defaults={"created_at": now, "next_attempt_at": now, "erasure": erasure},
        )
    copies.watch({locked.pk: erasure})
    return bool(locked.delete()[0])


def _build(archive: Archive, clock: Clock) -> None:
    sessions = PracticeSession.objects.filter(user_id=archive.user_id).order_by("sorted_at")
    total = sessions.count()
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for done, session in enumerate(sessions.select_related("scenario").iterator(chunk_size=50), start=1):
                _pack(packed, session)
                if done % SAY_SO_EVERY == 0 or done == total:
                    Archive.objects.filter(pk=archive.pk).update(done=done, total=total, claimed_until=clock() + SILENT)
        size = file.tell()
        file.seek(0)
        name = store()
        building = Archive.objects.filter(pk=archive.pk, status=ArchiveStatus.BUILDING)
        if not building.update(claimed_until=clock() + UPLOAD_TAKES_AT_MOST):
            return  # Erased while it was being put together.
        key = f"{FOLDER}/{archive.pk}-{new_id()[:8]}.zip"
        copy = copies.begin(name, key, of=archive.pk, now=clock(), within=UPLOAD_TAKES_AT_MOST)
        key = stores.store(name).save(key, File(file))
    with transaction.atomic():
        kept = building.update(
            status=ArchiveStatus.READY, size_bytes=size, store=name, key=key, expires_at=clock() + KEPT
        )
        if kept:
            copies.keep(copy)
        else:
            # Erased while it was being written.
            copies.drop(copy, now=clock())


def _pack(packed: zipfile.ZipFile, session: PracticeSession) -> None:
    folder = f"{session.sorted_at:%Y-%m-%d %H-%M} {session.pk}"
    whole = json.dumps(detail.portable(session), ensure_ascii=False, indent=2)
    packed.writestr(f"{folder}/session.json", whole)
    for turn in session.turns.said().exclude(audio=None).select_related("audio"):
        if turn.audio is None:
            continue
        try:
            content = audio.read(turn.audio)
        except audio.AudioLost:
            continue
        packed.writestr(f"{folder}/{turn.sequence:03d}-{turn.speaker}.mp3", content, zipfile.ZIP_STORED)

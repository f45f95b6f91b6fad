"""All of a trainee's data as one ZIP archive.

`goal.json` if a goal is set; then for each session, oldest first, a folder with `session.json` and its recordings.

A job (`coach.jobs`) that reports its progress. The archive is kept for a day in the audio store (locally if that is
LeanCloud, whose files are public to anyone with the address).
"""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet

from coach.ids import new_id
from coach.jobs import Backoff, JobKind, kept
from coach.storage import audio, copies, stores
from coach.storage.models import AudioDeletion
from coach.telemetry import names
from coach.telemetry.spans import span
from history import detail, goals
from history.models import ARCHIVE, Archive, ArchiveStatus
from practice.models import PracticeSession

log = structlog.get_logger(__name__)

KEPT = timedelta(days=1)
UPLOAD_TAKES_AT_MOST = timedelta(minutes=30)
SAY_SO_EVERY = 10
BATCH = 50
"""Sessions read at once. Nothing is read while progress is written: with a cursor still open, SQLite refuses a write
once somebody else has written."""
FOLDER = "takeout"

EXPORT: JobKind[Archive] = JobKind(
    "export",
    Archive,
    owed=ARCHIVE.may_become(ArchiveStatus.BUILDING),
    taken=Q(status=ArchiveStatus.BUILDING),
    held_until="claimed_until",
    attempts="attempts",
    limit=3,
    lease=timedelta(minutes=2),
    backoff=Backoff(timedelta(seconds=30), 2, timedelta(minutes=10)),
)

Clock = Callable[[], datetime]


def store() -> str:
    """The name of the store for archives."""
    return stores.LOCAL if stores.current() == stores.LEANCLOUD else stores.current()


def request(user_id: str, *, now: datetime) -> Archive:
    """Request an archive; returns the one in progress if there is one."""
    under_way = current(user_id)
    if under_way and under_way.status in (ArchiveStatus.WAITING, ArchiveStatus.BUILDING):
        return under_way
    return Archive.objects.create(user_id=user_id, requested_at=now)


def current(user_id: str) -> Archive | None:
    return Archive.objects.filter(user_id=user_id).order_by("-requested_at").first()


def build_due(clock: Clock) -> int:
    """Build requested archives that nobody is building; returns how many were finished."""
    finished = 0
    for exhausted in EXPORT.exhausted(clock()).values_list("pk", flat=True):
        _move(EXPORT.exhausted(clock()).filter(pk=exhausted), ArchiveStatus.FAILED)
    for archive in EXPORT.due(clock()).order_by("requested_at"):
        lease = EXPORT.claim(archive.pk, now=clock(), changes={**ARCHIVE.to(ArchiveStatus.BUILDING), "done": 0})
        if lease is None:
            continue
        with span(names.EXPORT) as job, kept(lease, now=clock):
            try:
                finished += _build(archive, lease.held, clock)
            except Exception as error:  # A store may raise anything: the trainee is told and may ask again.
                job.fail(type(error).__name__)
                log.warning("archive not built", error=type(error).__name__)
                _move(lease.held, ArchiveStatus.FAILED)
    return finished


def drop_expired(now: datetime) -> int:
    """Schedule the deletion of archives that are a day old; returns how many."""
    expired = list(Archive.objects.filter(expires_at__lt=now))
    return sum(drop(archive, now=now) for archive in expired)


@transaction.atomic
def drop(archive: Archive, *, now: datetime, erasure: str = "") -> bool:
    """Delete an archive's row and schedule the deletion of its file, even one being written."""
    # Read again under a lock: its builder may have finished meanwhile.
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


def _build(archive: Archive, building: "QuerySet[Archive]", clock: Clock) -> bool:
    """Build the archive; True if it is ready.

    `building`, the row as its builder claimed it, may disappear meanwhile.
    """
    sessions = PracticeSession.objects.filter(user_id=archive.user_id).order_by("sorted_at")
    ids = list(sessions.values_list("pk", flat=True))
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            if goal := goals.portable(archive.user_id):
                packed.writestr("goal.json", json.dumps(goal, ensure_ascii=False, indent=2))
            for done, session in enumerate(_in_batches(ids), start=1):
                if session is not None:
                    _pack(packed, session)
                if done % SAY_SO_EVERY == 0 or done == len(ids):
                    building.update(done=done, total=len(ids))
        size = file.tell()
        file.seek(0)
        name = store()
        if not building.exists():
            return False  # Erased while it was being built.
        key = f"{FOLDER}/{archive.pk}-{new_id()[:8]}.zip"
        copy = copies.begin(name, key, of=archive.pk, now=clock(), within=UPLOAD_TAKES_AT_MOST)
        key = stores.store(name).save(key, File(file))
    with transaction.atomic():
        ready = {"size_bytes": size, "store": name, "key": key, "expires_at": clock() + KEPT}
        kept_it = _move(building, ArchiveStatus.READY, **ready)
        if kept_it:
            copies.keep(copy)
        else:
            # Erased while it was being written.
            copies.drop(copy, now=clock())
    return kept_it


def _in_batches(ids: Sequence[str]) -> Iterator[PracticeSession | None]:
    """The sessions in this order; None for one that has been erased meanwhile."""
    for first in range(0, len(ids), BATCH):
        some = ids[first : first + BATCH]
        found = PracticeSession.objects.select_related("scenario").in_bulk(some)
        yield from (found.get(pk) for pk in some)


def _move(rows: "QuerySet[Archive]", to: ArchiveStatus, **changes: Any) -> bool:
    return bool(rows.filter(ARCHIVE.may_become(to)).update(**ARCHIVE.to(to), **changes))


def give_up(archive_id: str) -> bool:
    """Give up building; the trainee is told and may ask again. False if it is done or failed already."""
    return _move(Archive.objects.filter(pk=archive_id), ArchiveStatus.FAILED)


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

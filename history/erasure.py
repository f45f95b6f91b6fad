"""Erases a session for good: gone for every reader at once, and from every store as soon as the store confirms."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from coach.database import wipe
from coach.storage import audio
from coach.storage.models import AudioDeletion
from coach.telemetry import names
from coach.telemetry.spans import span
from history import export, spoken_words
from history.models import Archive, Erasure, Goal
from practice import notifications
from practice.models import PracticeSession, Turn

BATCH = 200

Held = Callable[[], "QuerySet[Any, Any]"]
"""Ids of sessions with data still to be deleted from a place that the caller manages."""

_held_elsewhere: list[Held] = []


def register_place(held: Held) -> None:
    """Make erasures wait until another place confirms that nothing is left."""
    _held_elsewhere.append(held)


def erase(session_id: str, *, user_id: str, now: datetime) -> Erasure | None:
    """Erase one session of a trainee, whatever its state; None if there is no such session (any more)."""
    with span(names.ERASURE_REQUEST, session_id=session_id):
        return next(iter(_erase([session_id], user_id=user_id, now=now)), None)


def erase_all(*, user_id: str, now: datetime) -> int:
    """Erase everything of a trainee; returns how many sessions.

    A batch at a time, so that nobody else waits long.
    """
    erased = 0
    with span(names.ERASURE_REQUEST) as request:
        while ids := list(PracticeSession.objects.filter(user_id=user_id).values_list("pk", flat=True)[:BATCH]):
            erased += len(_erase(ids, user_id=user_id, now=now))
        Goal.objects.filter(user_id=user_id).delete()
        request.set(names.COUNT, erased)
    return erased


def erase_these(session_ids: list[str], *, now: datetime) -> int:
    """Erase sessions of any trainee: they are too old, or a restore brought them back. Returns how many."""
    owners: dict[str, list[str]] = {}
    for pk, user_id in PracticeSession.objects.filter(pk__in=session_ids).values_list("pk", "user_id"):
        owners.setdefault(user_id, []).append(pk)
    return sum(len(_erase(ids, user_id=user_id, now=now)) for user_id, ids in sorted(owners.items()))


def _erase(session_ids: list[str], *, user_id: str, now: datetime) -> list[Erasure]:
    """Note the erasure, schedule recordings and exports for deletion, then delete the rows; all in one transaction."""
    with transaction.atomic():
        sessions = PracticeSession.objects.select_for_update().filter(pk__in=session_ids, user_id=user_id)
        sessions = sessions.order_by("pk")
        found = list(sessions.values_list("pk", flat=True))
        erasures = [Erasure(user_id=user_id, session_id=pk, requested_at=now) for pk in found]
        # A session that was erased before and came back with a restored database is erased again.
        Erasure.objects.filter(session_id__in=found).delete()
        Erasure.objects.bulk_create(erasures)
        recordings = Turn.objects.filter(session_id__in=found, audio__isnull=False)
        by_session = {erasure.session_id: erasure.pk for erasure in erasures}
        audio.erase(
            {audio_id: by_session[pk] for audio_id, pk in recordings.values_list("audio_id", "session_id")}, now=now
        )
        # Archives contain these sessions, so they go too.
        for archive in Archive.objects.filter(user_id=user_id):
            export.drop(archive, now=now, erasure=next(iter(by_session.values()), ""))
        PracticeSession.objects.filter(pk__in=found).delete()
        for pk in found:
            notifications.look_again(pk)
    return erasures


def scrub_files() -> bool:
    """On SQLite, take erased words out of the search index and the write-ahead log; False if it must be tried again."""
    spoken_words.forget_erased()
    return wipe.cut_log()


def confirm_done(now: datetime) -> int:
    """Mark erasures as confirmed if no store holds anything of them any more; returns how many."""
    waiting = outstanding()
    if not waiting.exists():
        return 0
    open_in_stores = AudioDeletion.objects.exclude(erasure="").values("erasure")
    with span(names.ERASURE) as job:
        gone = waiting.exclude(pk__in=open_in_stores)
        for held in _held_elsewhere:
            gone = gone.exclude(session_id__in=held())
        confirmed = gone.order_by().update(confirmed_at=now)
        job.set(names.COUNT, confirmed)
    return confirmed


def outstanding() -> QuerySet[Erasure]:
    """Erasures that some store has not confirmed yet, oldest first."""
    return Erasure.objects.filter(confirmed_at=None).order_by("requested_at")

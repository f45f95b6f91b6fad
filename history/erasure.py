"""Erase a session for good: gone for every reader at once, gone from every store as soon as the store confirms."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from coach.storage import audio
from coach.storage.models import AudioDeletion, MirrorRow
from coach.telemetry import names
from coach.telemetry.spans import span
from history.models import Erasure
from practice import announce
from practice.models import PracticeSession, Turn

BATCH = 200


def erase(session_id: str, *, user_id: str, now: datetime) -> Erasure | None:
    """Erase one session of a trainee, in whatever state it is; None where there is no such session (any more)."""
    with span(names.ERASURE_REQUEST, session_id=session_id), transaction.atomic():
        session = PracticeSession.objects.select_for_update().filter(pk=session_id, user_id=user_id).first()
        if session is None:
            return None
        erasure = Erasure.objects.create(user_id=user_id, session_id=session.pk, requested_at=now)
        recordings = Turn.objects.filter(session=session, audio__isnull=False).values_list("audio_id", flat=True)
        audio.erase(list(recordings), now=now, erasure=erasure.pk)
        session.delete()
        announce.after_commit(announce.Changed(session_id))
    return erasure


def erase_all(*, user_id: str, now: datetime) -> int:
    """Erase everything of a trainee, a session at a time so that readers and turns of others never wait; how many."""
    erased = 0
    while True:
        ids = list(PracticeSession.objects.filter(user_id=user_id).values_list("pk", flat=True)[:BATCH])
        if not ids:
            return erased
        erased += sum(erase(session_id, user_id=user_id, now=now) is not None for session_id in ids)


def confirm_done(now: datetime) -> int:
    """Mark erasures of which no store holds anything any more; returns how many."""
    open_in_stores = AudioDeletion.objects.exclude(erasure="").values("erasure")
    open_in_mirror = MirrorRow.objects.exclude(session_id="").values("session_id")
    unconfirmed = Erasure.objects.filter(confirmed_at=None)
    return unconfirmed.exclude(pk__in=open_in_stores).exclude(session_id__in=open_in_mirror).update(confirmed_at=now)


def outstanding() -> QuerySet[Erasure]:
    """Erasures that some store has not confirmed yet, oldest first."""
    return Erasure.objects.filter(confirmed_at=None).order_by("requested_at")

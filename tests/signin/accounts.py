"""Creates accounts, and trainees with records of their own."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from coach import identity
from coach.storage import audio, stores
from evaluations.models import Evaluation
from history.models import Archive, ArchiveStatus
from practice.lifecycle import AsrStatus, ReplyStatus, Speaker
from practice.models import PracticeSession, Turn
from tests import cast
from tests.history.cast import past_session

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PASSWORD = "a horse, a battery and a staple"


@dataclass(frozen=True)
class Trainee:
    """A user with an account and records. `words` were said in their session and nowhere else."""

    user: User
    id: str
    words: str
    session: PracticeSession
    turn: Turn
    archive: Archive


def account(name: str, **given: bool) -> User:
    return User.objects.create_user(name, password=PASSWORD, **given)


def trainee(name: str, **given: bool) -> Trainee:
    user = account(name, **given)
    user_id, words = identity.of_account(user.pk), f"What {name} said to nobody else."
    session = past_session(cast.scenario(title=f"The talk of {name}"), at=NOW, user=user_id)
    Turn.objects.create(
        session=session,
        sequence=0,
        speaker=Speaker.AI,
        reply_status=ReplyStatus.COMPLETE,
        transcript="Hello.",
        created_at=NOW,
    )
    turn = Turn.objects.create(
        session=session,
        sequence=1,
        speaker=Speaker.TRAINEE,
        asr_status=AsrStatus.FAILED,
        transcript=words,
        audio=audio.keep(f"\xff\xf3 {name}".encode("latin-1"), duration_ms=900, now=NOW),
        created_at=NOW,
    )
    Evaluation.objects.create(session=session, status="failed", queued_at=NOW, last_error="away", attempts=3)
    key = stores.store("local").save(f"archives/{name}.zip", ContentFile(words.encode()))
    archive = Archive.objects.create(
        user_id=user_id,
        status=ArchiveStatus.READY,
        requested_at=NOW,
        store="local",
        key=key,
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
    )
    return Trainee(user, user_id, words, session, turn, archive)

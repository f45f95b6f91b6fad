"""Helpers that push and pull whole databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

from coach.leancloud.client import LeanCloud
from coach.leancloud.models import OutboxRow, RemoteObject
from coach.leancloud.pull import Objects
from coach.leancloud.pull import pull as pull_reporting
from coach.leancloud.pull_count import PullCount
from coach.leancloud.push import push
from coach.storage import audio, audio_upload
from coach.storage.models import AudioFile
from evaluations.models import Evaluation, Evidence, SkillScore
from practice.lifecycle import ReplyStatus, Speaker
from practice.models import PracticeSession, Scenario, Skill, Turn
from tests.audio import sounds
from tests.storage.cast import NOW, spoken

SPEECH = sounds.mp3(0.9)


def clock() -> datetime:
    return datetime(2100, 1, 1, tzinfo=UTC)


def pushed(lean: LeanCloud) -> int:
    return push(lean, clock=clock, progress=lambda what, count: None)


def pull(source: Objects, *, force: bool = False) -> list[PullCount]:
    """Pull, and assert that nothing was reported."""
    tallies, said = pulled(source, force=force)
    assert said == []
    return tallies


def pulled(source: Objects, *, force: bool = False) -> tuple[list[PullCount], list[str]]:
    said: list[str] = []
    return pull_reporting(source, report=said.append, force=force), said


def forget_everything() -> None:
    PracticeSession.objects.all().delete()
    Scenario.objects.all().delete()
    Skill.objects.all().delete()
    for model in (AudioFile, RemoteObject, OutboxRow):
        model.objects.all().delete()


def everything() -> list[dict[str, Any]]:
    """The rows that a round trip must not change; deadlines of ended sessions are left out."""
    rows: list[dict[str, Any]] = []
    for model in (Skill, Scenario, PracticeSession):
        rows += model.objects.order_by("pk").values()
    return [{name: value for name, value in row.items() if name != "duration_deadline"} for row in rows]


def a_conversation(session: PracticeSession) -> None:
    """Four turns, two of them with audio, and an evaluation with evidence."""
    spoken(session, 1, SPEECH)
    for sequence in (0, 2):
        Turn.objects.create(
            session=session,
            sequence=sequence,
            speaker=Speaker.AI,
            reply_status=ReplyStatus.COMPLETE,
            transcript="What is it about?",
            audio=audio.keep(SPEECH, duration_ms=900, now=NOW) if sequence else None,
            created_at=NOW,
        )
    evaluation = Evaluation.objects.create(
        session=session,
        status="completed",
        queued_at=NOW,
        completed_at=NOW + timedelta(seconds=9),
        summary="You said it plainly.",
        attempts=1,
        tries_in_a_row=1,
        evaluator_model="m",
    )
    skill = Skill.objects.get()
    score = SkillScore.objects.create(
        evaluation=evaluation,
        position=0,
        skill_id=skill.pk,
        name=skill.name,
        rubric=skill.rubric,
        rating=4,
        note="Named the problem at once.",
        without_evidence=False,
    )
    Evidence.objects.create(score=score, position=0, sequence=1, quote="We need to talk.")
    audio_upload.upload_due(clock())

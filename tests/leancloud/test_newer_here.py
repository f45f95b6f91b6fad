"""A pull leaves alone what a person changed here after it was changed there."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coach.leancloud.models import OutboxRow
from evaluations.models import Dispute, Evaluation, SelfAssessment
from practice.models import Turn
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import CommandRun, exported

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]

JANUARY = datetime(2026, 1, 6, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
IN_FEBRUARY = {"updatedAt": "2026-02-01T08:00:00.000Z"}
DISPUTE: dict[str, Any] = {"skill_id": "k1", "key": "asks", "answer": "shown", "reason": "I asked twice."}


@pytest.fixture
def pulled(app: LeanCloudFake) -> LeanCloudFake:
    assert CommandRun("pull").status == 0
    Evaluation.objects.update(completed_at=JANUARY)
    return app


def pull_export(app: LeanCloudFake, folder: Path) -> str:
    """Nothing waits to be told to LeanCloud: only the times say which side is newer."""
    OutboxRow.objects.all().delete()
    return CommandRun("pull", "--from-export", str(exported(app, folder))).err


def test_a_correction_made_here_later_is_kept(pulled: LeanCloudFake, tmp_path: Path) -> None:
    Turn.objects.filter(pk="t1").update(
        transcript="I said this.", original_transcript="Line 1.", corrected_at=MARCH, ended_at=JANUARY
    )
    pulled.objects["Turn"]["t1"] |= {**IN_FEBRUARY, "transcript": "Said there."}
    assert "Turn t1: newer here" in pull_export(pulled, tmp_path)
    assert Turn.objects.get(pk="t1").transcript == "I said this."


def test_a_correction_made_here_earlier_gives_way(pulled: LeanCloudFake, tmp_path: Path) -> None:
    Turn.objects.filter(pk="t1").update(
        transcript="I said this.", original_transcript="Line 1.", corrected_at=JANUARY, ended_at=JANUARY
    )
    pulled.objects["Turn"]["t1"] |= {**IN_FEBRUARY, "transcript": "Said there."}
    assert pull_export(pulled, tmp_path) == ""
    assert Turn.objects.get(pk="t1").transcript == "Said there."


def test_a_self_assessment_made_here_later_is_kept(pulled: LeanCloudFake, tmp_path: Path) -> None:
    SelfAssessment.objects.create(session_id="s1", answers=[], note="Mine.", created_at=JANUARY, updated_at=MARCH)
    assessed = {"answers": [], "note": "There.", "createdAt": "2026-01-20", "updatedAt": "2026-01-20"}
    pulled.objects["Evaluation"]["e1"] |= {**IN_FEBRUARY, "selfAssessment": assessed}
    assert "Evaluation e1: newer here" in pull_export(pulled, tmp_path)
    assert SelfAssessment.objects.get().note == "Mine."


@pytest.mark.parametrize(
    "times",
    [
        {"created_at": MARCH},
        {
            "created_at": JANUARY,
            "overruled_at": MARCH,
            "overruled_by": "rita",
            "overruled_answer": "notShown",
            "overruled_reason": "Only once.",
        },
    ],
    ids=["disputed", "answered"],
)
def test_a_dispute_made_or_answered_here_later_is_kept(
    pulled: LeanCloudFake, tmp_path: Path, times: dict[str, Any]
) -> None:
    Dispute.objects.create(evaluation_id="e1", **DISPUTE, **times)
    pulled.objects["Evaluation"]["e1"] |= {**IN_FEBRUARY, "disputes": [], "summary": "Said there."}
    assert "Evaluation e1: newer here" in pull_export(pulled, tmp_path)
    assert Dispute.objects.count() == 1
    assert Evaluation.objects.get().summary == "Plainly said."


def test_an_evaluation_that_nobody_has_answered_to_here_is_overwritten(pulled: LeanCloudFake, tmp_path: Path) -> None:
    pulled.objects["Evaluation"]["e1"] |= {**IN_FEBRUARY, "summary": "Said there."}
    assert pull_export(pulled, tmp_path) == ""
    assert Evaluation.objects.get().summary == "Said there."

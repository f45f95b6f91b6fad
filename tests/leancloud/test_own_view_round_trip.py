"""The trainee's own view is pushed and pulled too: self-assessment, disputes, corrections, earlier readings."""

from datetime import timedelta
from typing import Any

import pytest

from coach.leancloud.client import LeanCloud
from coach.leancloud.verify import differences
from evaluations import evaluation_schema
from evaluations.models import BehaviourResult, Dispute, EarlierReading, Evaluation, SelfAssessment, SkillScore
from evaluations.own_view import self_assessment
from evaluations.requeue import earlier, is_offered, read_again
from history import detail, erasure
from practice.models import PracticeSession, Skill, Turn
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.moving import a_conversation, forget_everything, pull, pushed
from tests.storage.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def talked(session: PracticeSession) -> PracticeSession:
    """A session with everything a trainee can add to it, and a curator's answer."""
    a_conversation(session)
    skill = Skill.objects.get()
    evaluation = Evaluation.objects.get()
    Evaluation.objects.update(
        agreed=2, agreed_of=3, doors=["Ask earlier."], opened_at=NOW, transcript_read_at=NOW, scored_locally=True
    )
    score = SkillScore.objects.get()
    for position, (key, answer) in enumerate((("asks", "notShown"), ("names-it", "shown"), ("checks", "unsure"))):
        quoted = {"sequence": 1, "quote": "We need to talk."} if answer == "shown" else {}
        BehaviourResult.objects.create(
            score=score, position=position, key=key, text=key, kind="do", answer=answer, **quoted
        )
    step = {"key": "asks", "sequence": None, "quote": None, "why": "Asks.", "line": "What happened?", "isExample": True}
    SkillScore.objects.update(next_step=step)
    about = {"evaluation": evaluation, "skill_id": skill.pk, "answer": "notShown", "created_at": NOW}
    Dispute.objects.create(key="asks", reason="I asked.", **about)
    Dispute.objects.create(
        key="checks",
        reason="I did.",
        overruled_answer="shown",
        overruled_reason="Line 1.",
        overruled_by="anna",
        overruled_at=NOW + timedelta(days=1),
        **about,
    )
    SelfAssessment.objects.create(
        session=session,
        answers=[{"skillId": skill.pk, "key": "asks", "answer": "did"}],
        note="Slower.",
        created_at=NOW,
        updated_at=NOW,
    )
    EarlierReading.objects.create(
        evaluation=evaluation, version=1, replaced_at=NOW, result=evaluation_schema.of(Evaluation.objects.get())
    )
    Turn.objects.filter(session=session, sequence=1).update(
        original_transcript="We need to walk.", corrected_at=NOW + timedelta(days=2)
    )
    return session


def told(session_id: str) -> dict[str, Any]:
    evaluation = Evaluation.objects.get(session_id=session_id)
    return {
        "evaluation": evaluation_schema.of(evaluation),
        "ownView": self_assessment.of_session(session_id),
        "earlier": earlier(session_id),
        "lines": list(
            Turn.objects.filter(session_id=session_id)
            .order_by("sequence")
            .values_list("transcript", "original_transcript", "corrected_at", "doubtful")
        ),
        "state": (evaluation.opened_at, evaluation.transcript_read_at, is_offered(evaluation)),
    }


def test_the_own_view_comes_back_unchanged(talked: PracticeSession, lean: LeanCloud, fake: LeanCloudFake) -> None:
    before = told(talked.pk)
    assert before["state"][2]  # a line was corrected since
    assert pushed(lean) == 0
    assert list(differences(lean)) == []
    forget_everything()
    pull(lean)
    assert list(differences(lean)) == []
    assert told(PracticeSession.objects.get().pk) | {"earlier": None} == before | {"earlier": None}
    # The earlier reading is kept word for word, with the ids that it had.
    assert [each["result"]["summary"] for each in earlier(PracticeSession.objects.get().pk)] == ["You said it plainly."]


def test_feedback_that_is_being_redone_comes_back_with_its_ratings(
    talked: PracticeSession, lean: LeanCloud, fake: LeanCloudFake
) -> None:
    ratings = list(SkillScore.objects.values_list("rating", flat=True))
    assert read_again(Evaluation.objects.get(), now=NOW)
    assert pushed(lean) == 0
    forget_everything()
    pull(lean)
    brought = Evaluation.objects.get()
    assert (brought.status, brought.summary) == ("failed", "You said it plainly.")  # it can be requested again
    assert list(SkillScore.objects.values_list("rating", flat=True)) == ratings
    assert [each["version"] for each in earlier(brought.session_id)] == [1]
    assert brought.earlier_readings.count() == 2


def test_verify_finds_a_difference_in_the_own_view(
    talked: PracticeSession, lean: LeanCloud, fake: LeanCloudFake
) -> None:
    assert pushed(lean) == 0
    Dispute.objects.filter(key="asks").update(reason="I asked twice.")
    assert [each for each in map(str, differences(lean)) if "disputes" in each]
    Dispute.objects.filter(key="asks").update(reason="I asked.")
    SelfAssessment.objects.update(note="Louder.")
    assert [each for each in map(str, differences(lean)) if "selfAssessment" in each]


def test_the_export_contains_the_own_view_and_an_erasure_leaves_nothing(talked: PracticeSession) -> None:
    whole = detail.portable(talked)
    assert whole["selfAssessment"]["note"] == "Slower."
    (score,) = whole["evaluation"]["scores"]
    assert {each["key"]: each["dispute"] and each["dispute"]["reason"] for each in score["behaviours"]} == {
        "asks": "I asked.",
        "names-it": None,
        "checks": "I did.",
    }
    assert [each["version"] for each in whole["earlierReadings"]] == [1]
    assert whole["turns"][1]["originalTranscript"] == "We need to walk."

    erasure.erase(talked.pk, user_id=talked.user_id, now=NOW)
    models = (Evaluation, SkillScore, BehaviourResult, Dispute, SelfAssessment, EarlierReading, Turn)
    assert [model.__name__ for model in models if model.objects.exists()] == []

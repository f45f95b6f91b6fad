"""Verify reports every real difference and no other."""

from typing import Any

import pytest

from evaluations.models import Evaluation
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import CommandRun

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]


@pytest.mark.parametrize("class_name", ["Skill", "Scenario", "PracticeSession", "Turn", "Evaluation"])
def test_a_field_that_the_remote_object_never_had_is_no_difference(app: LeanCloudFake, class_name: str) -> None:
    needed = {"objectId", "sessionId", "scenarioId", "sequence", "speaker", "name", "title", "status", "summary"}
    needed |= {"createdAt", "updatedAt", "startedAt", "endedAt", "terminationReason", "skills"}
    for body in app.objects[class_name].values():
        for name in set(body) - needed:
            del body[name]
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)


def test_scores_without_the_newer_fields_are_no_difference(app: LeanCloudFake) -> None:
    scores: list[dict[str, Any]] = [
        {"skillId": "k1", "rating": 4, "note": ""},
        {"skillId": "k9", "rating": 2, "note": "Said nothing.", "evidence": None},
    ]
    app.objects["Evaluation"]["e1"]["scores"] = scores
    app.objects["PracticeSession"]["s1"]["evaluationStatus"] = None
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)


@pytest.mark.parametrize("status", ["pending", "running", "failed"])
def test_an_unfinished_remote_evaluation_that_failed_here_is_no_difference(app: LeanCloudFake, status: str) -> None:
    app.objects["Evaluation"]["e1"] |= {"status": status, "summary": None, "scores": []}
    app.objects["PracticeSession"]["s1"]["evaluationStatus"] = status
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)
    assert Evaluation.objects.get().status == "failed"


@pytest.mark.parametrize(
    ("class_name", "change"),
    [
        ("Skill", {"name": "Other"}),
        ("Skill", {"name": None}),
        ("Scenario", {"skills": []}),
        ("Scenario", {"aiPersona": {"name": "Alex", "background": "Other."}}),
        ("Scenario", {"endCriteria": ["x", "y"]}),
        ("PracticeSession", {"startedAt": "2026-01-05T09:00:01.000Z"}),
        ("PracticeSession", {"evaluationId": "other"}),
        ("PracticeSession", {"evaluationStatus": "failed"}),
        ("Turn", {"transcript": "Something else"}),
        ("Turn", {"transcript": None}),
        ("Turn", {"sequence": 8}),
        ("Evaluation", {"scores": []}),
        ("Evaluation", {"scores": [{"skillId": "k1", "rating": 5, "note": "Good."}]}),
        ("Evaluation", {"scores": [{"skillId": "k1", "rating": 4, "note": "Good.", "evidence": [{"quote": "x"}]}]}),
        ("Evaluation", {"summary": "Other."}),
    ],
)
def test_each_difference_is_reported_once_by_field(app: LeanCloudFake, class_name: str, change: dict[str, Any]) -> None:
    CommandRun("pull")
    object_id, body = next(iter(app.objects[class_name].items()))
    body |= change
    verified = CommandRun("verify")
    assert verified.status == 1
    assert verified.out.splitlines() == [f"{class_name} {object_id}: {next(iter(change))} differs"]

"""A field, reference or id of the wrong type is lost alone."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluations.models import Evaluation, Evidence
from practice.models import PracticeSession, Scenario, Skill, Turn
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import CommandRun, exported, twin

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]


WRONG = [
    "text",
    17,
    -1,
    1.5,
    True,
    [],
    ["x"],
    {},
    {"__type": "Pointer"},
    {"a": {"b": 1}},
    None,
    10**30,
    "x" * 5000,
    "\x00",
]


@pytest.mark.parametrize(
    ("class_name", "field"),
    [
        ("Skill", "name"),
        ("Skill", "externalId"),
        ("Skill", "behaviours"),
        ("Scenario", "title"),
        ("Scenario", "endCriteria"),
        ("Scenario", "aiPersona"),
        ("Scenario", "skills"),
        ("Scenario", "idleLimitSeconds"),
        ("Scenario", "language"),
        ("PracticeSession", "status"),
        ("PracticeSession", "terminationReason"),
        ("PracticeSession", "endedAt"),
        ("PracticeSession", "continuesFrom"),
        ("PracticeSession", "difficulty"),
        ("PracticeSession", "coach"),
        ("Turn", "transcript"),
        ("Turn", "asrStatus"),
        ("Turn", "latencyMs"),
        ("Turn", "interrupted"),
        ("Evaluation", "scores"),
        ("Evaluation", "criteria"),
        ("Evaluation", "attempts"),
        ("Evaluation", "status"),
    ],
)
def test_a_field_of_the_wrong_type_is_lost_alone(app: LeanCloudFake, class_name: str, field: str) -> None:
    for number, wrong in enumerate(WRONG):
        twin(app, class_name, number)[field] = wrong
    pulled = CommandRun("pull")
    named = set(re.findall(rf"^{class_name} (\S+): ", pulled.err, re.MULTILINE))
    for model in (Skill, Scenario, PracticeSession, Turn, Evaluation):
        assert model.objects.count() == len(app.objects[model.__name__])
    assert Turn.objects.exclude(audio=None).count() == 4
    assert pulled.status == bool(named)
    verified = CommandRun("verify")
    assert (verified.status == 0) or named
    found = {line.split(":")[0] for line in verified.out.splitlines() if verified.status}
    assert found <= {f"{class_name} {object_id}" for object_id in named}
    again = CommandRun("pull")
    assert (again.status, sorted(again.err.splitlines())) == (pulled.status, sorted(pulled.err.splitlines()))


@pytest.mark.parametrize(
    ("class_name", "field"),
    [("PracticeSession", "scenarioId"), ("Turn", "sessionId"), ("Turn", "sequence"), ("Evaluation", "sessionId")],
)
def test_an_object_without_its_parent_is_named_and_the_others_are_pulled(
    app: LeanCloudFake, class_name: str, field: str
) -> None:
    wrong = ["nowhere", "", 17.5, True, [], {}, {"__type": "Pointer"}, None]
    odd = [twin(app, class_name, number) for number, _ in enumerate(wrong)]
    for body, value in zip(odd, wrong, strict=True):
        body[field] = value
    pulled = CommandRun("pull")
    assert pulled.status == 1
    assert all(f"{class_name} {body['objectId']}: " in pulled.err for body in odd)
    assert Turn.objects.exclude(audio=None).count() == 4
    assert Evaluation.objects.filter(pk="e1").exists()
    verified = CommandRun("verify")
    assert verified.status == 1
    assert all(f"{class_name} {body['objectId']}: is not here" in verified.out for body in odd)


@pytest.mark.parametrize("class_name", ["Skill", "Turn", "Evaluation"])
def test_an_object_without_an_id_is_named_and_the_others_are_pulled(app: LeanCloudFake, class_name: str) -> None:
    first = next(iter(app.objects[class_name].values()))
    for odd in ("", None, 17, {"$oid": "x"}, ["x"], True, "x" * 41):
        app.put(class_name, {**first, "objectId": odd})
    pulled = CommandRun("pull")
    assert pulled.status == 1
    assert len(re.findall(rf"^{class_name} .*: objectId: ", pulled.err, re.MULTILINE)) == 7
    assert (Skill.objects.count(), Turn.objects.count(), Evaluation.objects.count()) == (1, 4, 1)
    assert CommandRun("verify").status == 1


def test_an_entry_that_is_not_an_object_is_named_and_the_others_are_pulled(app: LeanCloudFake, tmp_path: Path) -> None:
    export = exported(app, tmp_path)
    entries = [None, 17, "text", [], [[]], True]
    (export / "Skill.0.jsonl").write_text(json.dumps([*entries, *app.objects["Skill"].values(), *entries]))
    pulled = CommandRun("pull", "--from-export", str(export))
    assert pulled.status == 1
    assert pulled.err.count("Skill (no id): an entry is no object") == 12
    assert Evaluation.objects.count() == 1
    assert CommandRun("verify", "--from-export", str(export)).status == 1


@pytest.mark.parametrize(
    "form",
    [
        lambda class_name, object_id: {"__type": "Pointer", "className": class_name, "objectId": object_id},
        lambda class_name, object_id: {"__type": "Object", "className": class_name, "objectId": object_id, "x": 1},
        lambda class_name, object_id: [{"__type": "Pointer", "className": class_name, "objectId": object_id}],
        lambda class_name, object_id: {"$ref": class_name, "$id": object_id},
        lambda class_name, object_id: {"objectId": object_id},
    ],
)
def test_a_reference_in_any_usual_form_is_followed(app: LeanCloudFake, form: Callable[[str, str], Any]) -> None:
    app.objects["Scenario"]["c1"]["skills"] = [form("Skill", "k1")]
    session = app.objects["PracticeSession"]["s1"]
    session |= {"scenarioId": form("Scenario", "c1"), "evaluationId": form("Evaluation", "e1")}
    for turn in app.objects["Turn"].values():
        turn["sessionId"] = form("PracticeSession", "s1")
    evaluation = app.objects["Evaluation"]["e1"]
    evaluation |= {"sessionId": form("PracticeSession", "s1")}
    evaluation["scores"][0]["skillId"] = form("Skill", "k1")
    pulled = CommandRun("pull")
    assert (pulled.status, pulled.err) == (0, "")
    verified = CommandRun("verify")
    assert (verified.status, verified.err) == (0, "")
    assert [skill.pk for skill in Scenario.objects.get().ordered_skills()] == ["k1"]
    assert Evaluation.objects.get().scores.get().skill_id == "k1"


def test_a_scenario_keeps_the_skills_that_exist_and_the_others_are_named(app: LeanCloudFake) -> None:
    app.objects["Scenario"]["c1"]["skills"] = ["gone", None, "k1", "k1"]
    pulled = CommandRun("pull")
    assert pulled.status == 1
    assert "Scenario c1: taken over, but for skills: refers to a Skill that is not there" in pulled.err
    assert [skill.pk for skill in Scenario.objects.get().ordered_skills()] == ["k1"]
    assert CommandRun("verify").out.splitlines() == ["Scenario c1: skills differs"]


def test_a_session_that_continues_a_missing_one_is_pulled_without_the_link(app: LeanCloudFake) -> None:
    app.objects["PracticeSession"]["s1"]["continuesFrom"] = "gone"
    pulled = CommandRun("pull")
    assert pulled.status == 1
    assert "PracticeSession s1: taken over, but for refers to a PracticeSession that is not there" in pulled.err
    assert Turn.objects.exclude(audio=None).count() == 4


def test_malformed_scores_are_named_and_the_rest_of_the_evaluation_is_pulled(app: LeanCloudFake) -> None:
    app.objects["Evaluation"]["e1"] |= {
        "scores": [
            {"skillId": "k1", "rating": "4", "note": None, "evidence": [{"sequence": 1.0, "quote": "Line 1."}, 7]},
            {"skillId": "k2", "rating": 9},
            {"rating": 3},
            "x",
        ],
        "criteria": [
            {"criterion": "A date is agreed", "met": True, "sequence": "x"},
            {"criterion": "y", "met": "maybe"},
        ],
    }
    pulled = CommandRun("pull")
    assert pulled.status == 1
    assert "Evaluation e1: taken over, but for scores" in pulled.err
    evaluation = Evaluation.objects.get()
    assert evaluation.summary == "Plainly said."
    assert [score.rating for score in evaluation.scores.all()] == [4]
    assert Evidence.objects.get().quote == "Line 1."
    assert evaluation.criteria.get().met
    assert "Evaluation e1: scores differs" in CommandRun("verify").out


def test_characters_that_databases_refuse_are_replaced_and_are_no_difference(app: LeanCloudFake) -> None:
    app.objects["Turn"]["t1"]["transcript"] = "We \x00 need \ud800 to talk 😀."
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)
    assert Turn.objects.get(pk="t1").transcript == "We \ufffd need \ufffd to talk 😀."

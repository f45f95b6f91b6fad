"""An object that arrives twice, or exists here under another id, becomes one record."""

import json
from pathlib import Path

import pytest

from practice.models import PracticeSession, Scenario, Skill, Turn
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import CommandRun, exported

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]


def test_an_object_that_occurs_twice_in_an_export_is_pulled_once(app: LeanCloudFake, tmp_path: Path) -> None:
    export = exported(app, tmp_path)
    for name in ("Skill", "PracticeSession", "Turn", "Evaluation"):
        (export / f"{name}.1.jsonl").write_text((export / f"{name}.0.jsonl").read_text())
    pulled = CommandRun("pull", "--from-export", str(export))
    assert (pulled.status, pulled.err) == (0, "")
    assert Turn.objects.count() == 4
    assert CommandRun("verify", "--from-export", str(export)).status == 0


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("part", [0, 1])
def test_of_two_states_of_one_object_the_newest_is_kept_and_the_conflict_is_named(
    app: LeanCloudFake, tmp_path: Path, newest_first: bool, part: int
) -> None:
    export = exported(app, tmp_path)
    skill = app.objects["Skill"]["k1"]
    states = [skill, {**skill, "name": "Hearing", "updatedAt": "2026-02-01T00:00:00.000Z"}]
    if newest_first:
        states.reverse()
    if part:
        for number, state in enumerate(states):
            (export / f"Skill.{number}.jsonl").write_text(json.dumps(state))
    else:
        (export / "Skill.0.jsonl").write_text("\n".join(map(json.dumps, states)))
    pulled = CommandRun("pull", "--from-export", str(export))
    assert pulled.status == 1
    assert pulled.err.count("Skill k1: comes more than once and not the same each time; the newest is kept") == 1
    assert Skill.objects.get().name == "Hearing"
    assert CommandRun("verify", "--from-export", str(export)).out.splitlines() == ["Skill k1: name differs"]


def test_of_two_objects_with_one_local_id_the_same_one_is_kept_every_time(app: LeanCloudFake) -> None:
    app.objects["Skill"]["k1"]["localId"] = "here"
    app.put("Skill", {**app.objects["Skill"]["k1"], "objectId": "k2", "name": "Hearing", "externalId": "hear"})
    for _ in range(2):
        pulled = CommandRun("pull")
        assert pulled.status == 1
        assert "Skill k2: is the same record as k1" in pulled.err
        assert Skill.objects.get().name == "Listening"
    assert CommandRun("verify").out.splitlines() == ["Skill k2: is not here"]


def test_a_seeded_catalog_matches_the_remote_one(app: LeanCloudFake) -> None:
    Skill.objects.create(external_id="listen", name="Active listening", category="Basics", rubric="5: yes")
    seeded = Scenario.objects.create(external_id="late", title="Deadlines", category="Work", end_criteria=["x"])
    pulled = CommandRun("pull")
    assert pulled.status == 0
    assert "Scenario c1: newer here, left alone (--force overwrites)" in pulled.err
    assert PracticeSession.objects.get().scenario == seeded
    assert Turn.objects.exclude(audio=None).count() == 4
    assert CommandRun("pull", "--force").status == 0
    assert CommandRun("verify").status == 0

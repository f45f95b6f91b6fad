"""A whole database can be pushed, pulled and verified."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from coach.leancloud import outbox
from coach.leancloud.client import LeanCloud
from coach.leancloud.console_export import ConsoleExport
from coach.leancloud.models import RemoteObject
from coach.leancloud.verify import differences
from coach.storage import audio
from evaluations.models import SkillScore
from practice.models import PracticeSession, Skill, Turn
from tests import cast
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.moving import SPEECH, a_conversation, clock, everything, forget_everything, pull, pulled, pushed
from tests.storage.cast import NOW

pytestmark = pytest.mark.django_db


def test_verify_finds_no_difference_after_push_and_pull_into_an_empty_database(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake
) -> None:
    a_conversation(session)
    PracticeSession.objects.update(role_brief=cast.role_brief(), voice="Ethan", difficulty="tough", continues_at=3)
    Turn.objects.filter(sequence=2).update(role_state={"trust": 1})
    before = everything()
    assert pushed(lean) == 0
    assert next(iter(fake.objects["Scenario"].values()))["aiPersona"]["brief"] == cast.role_brief()
    assert next(iter(fake.objects["PracticeSession"].values()))["difficulty"] == "tough"
    assert list(differences(lean)) == []
    forget_everything()
    tallies = pull(lean)
    assert {tally.class_name: tally.created for tally in tallies} == {
        "Skill": 1,
        "Scenario": 1,
        "PracticeSession": 1,
        "Turn": 3,
        "Evaluation": 1,
    }
    assert list(differences(lean)) == []
    assert everything() == before
    turn = Turn.objects.get(sequence=1)
    assert turn.audio is not None
    assert audio.read(turn.audio) == SPEECH
    assert turn.audio.store == "local"
    assert Turn.objects.get(sequence=2).role_state == {"trust": 1}
    assert SkillScore.objects.get().evidence.get().quote == "We need to talk."


def test_a_second_pull_changes_and_fetches_nothing(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake
) -> None:
    a_conversation(session)
    pushed(lean)
    forget_everything()
    pull(lean)
    fake.requests.clear()
    tallies = pull(lean)
    assert [(tally.created, tally.updated, tally.recordings) for tally in tallies] == [(0, 0, 0)] * 5
    assert {method for method, _ in fake.requests} == {"GET"}
    assert not any("/bytes/" in path for _, path in fake.requests)


def test_a_record_that_is_newer_here_is_left_alone_unless_forced(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake
) -> None:
    pushed(lean)
    (remote,) = fake.objects["Skill"].values()
    remote |= {"name": "Changed there", "updatedAt": "2020-01-01T00:00:00.000Z"}
    RemoteObject.objects.update(remote_updated_at="")
    _, said = pulled(lean)
    assert Skill.objects.get().name == "Listening"
    assert "newer here" in said[0]
    pull(lean, force=True)
    assert Skill.objects.get().name == "Changed there"


def test_unknown_fields_are_kept_and_sent_back(session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake) -> None:
    pushed(lean)
    (remote,) = fake.objects["Skill"].values()
    remote |= {"colour": "green", "updatedAt": "2099-01-01T00:00:00.000Z"}
    pull(lean)
    fake.update("Skill", remote["objectId"], {"colour": {"__op": "Delete"}})
    outbox.note("Skill", [Skill.objects.get().pk], now=NOW)
    outbox.deliver(lean, now=clock())
    (remote,) = fake.objects["Skill"].values()
    assert remote["colour"] == "green"


@pytest.mark.parametrize(
    ("class_name", "change", "said"),
    [
        ("Turn", {"transcript": "Something else"}, "transcript differs"),
        ("Skill", {"name": "Other"}, "name differs"),
        ("Evaluation", {"scores": []}, "scores differs"),
    ],
)
def test_verify_names_every_difference(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake, class_name: str, change: dict[str, Any], said: str
) -> None:
    a_conversation(session)
    pushed(lean)
    next(iter(fake.objects[class_name].values())).update(change)
    (difference,) = differences(lean)
    assert said in difference


def test_verify_finds_what_is_missing_on_either_side_and_audio_that_differs(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake
) -> None:
    a_conversation(session)
    pushed(lean)
    fake.create("Skill", {"externalId": "z", "name": "Only there"})
    Skill.objects.create(external_id="y", name="Only here", category="Basics", rubric="")
    turn = Turn.objects.get(sequence=1)
    file_id = RemoteObject.objects.get(class_name="_File", record_id=turn.audio_id).object_id
    fake.files[file_id]["metaData"]["_checksum"] = "0" * 32
    found = "\n".join(differences(lean))
    assert "is not here" in found
    assert "is not in LeanCloud" in found
    assert "its audio differs" in found


def test_the_consoles_export_is_read_from_a_zip(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake, tmp_path: Path
) -> None:
    a_conversation(session)
    pushed(lean)
    forget_everything()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, objects in fake.objects.items():
            lines = [json.dumps(item) for item in objects.values()]
            head = "#filetype:JSON-streaming " + json.dumps({"type": "Class", "class": name})
            archive.writestr(f"export/{name}.0.jsonl", "\n".join([head, *lines[:1]]))
            archive.writestr(f"export/{name}.1.jsonl", "\n".join([head, *lines[1:]]))
        archive.writestr("export/_File.json", json.dumps(list(fake.files.values())))
    (tmp_path / "app.zip").write_bytes(packed.getvalue())
    source = ConsoleExport(tmp_path / "app.zip")
    pull(source)
    assert list(differences(source)) == []
    assert Turn.objects.exclude(audio=None).count() == 2

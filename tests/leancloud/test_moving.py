"""A whole app can be brought here, brought there, and compared; broken objects are reported and stop nobody."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from coach.leancloud import outbox
from coach.leancloud.client import LeanCloud
from coach.leancloud.console_export import ConsoleExport
from coach.leancloud.models import OutboxRow, RemoteObject
from coach.leancloud.pull import Objects, PullCount
from coach.leancloud.pull import pull as pull_reporting
from coach.leancloud.push import push
from coach.leancloud.verify import differences
from coach.leancloud.wire import LeanCloudUnavailable
from coach.storage import audio, audio_upload
from coach.storage.models import AudioFile
from evaluations.models import Evaluation, Evidence, SkillScore
from practice.lifecycle import ReplyStatus, Speaker
from practice.models import PracticeSession, Scenario, Skill, Turn
from tests import cast
from tests.audio import sounds
from tests.fakes.leancloud import LeanCloudFake
from tests.storage.cast import NOW, spoken

pytestmark = pytest.mark.django_db

SPEECH = sounds.mp3(0.9)


def clock() -> datetime:
    return datetime(2100, 1, 1, tzinfo=UTC)


def pushed(lean: LeanCloud) -> int:
    return push(lean, clock=clock, progress=lambda what, count: None)


def pull(source: Objects, *, force: bool = False) -> list[PullCount]:
    """A pull that has nothing to report."""
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
    """The rows that must come back as they were, without deadlines that ran for a session long over."""
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
    audio_upload.settle_due(clock())


def test_push_then_an_empty_database_then_pull_then_verify_shows_no_difference(
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


def test_a_pull_that_was_cut_off_goes_on_where_it_was(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake
) -> None:
    a_conversation(session)
    pushed(lean)
    forget_everything()
    fake.fail_next(500, times=4, path="/scan/classes/Turn")
    counts, said = pulled(lean)
    assert said == ["Turn: cannot be read to its end (LeanCloud answers 500)"]
    assert [count.class_name for count in counts if count.unread] == ["Turn"]
    assert PracticeSession.objects.count() == 1
    assert Evaluation.objects.count() == 1
    pull(lean)
    assert list(differences(lean)) == []


def test_a_pull_ends_when_leancloud_is_away(session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake) -> None:
    pushed(lean)
    fake.down = True
    with pytest.raises(LeanCloudUnavailable):
        pulled(lean)


def test_a_push_goes_past_a_recording_that_cannot_be_read_or_is_refused(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake, audio_folder: Path
) -> None:
    a_conversation(session)
    spoken(session, 3, sounds.mp3(0.6))
    audio_upload.settle_due(clock())
    audio_upload.let_go(clock() + audio_upload.AT_HAND)
    lost, refused, fine = AudioFile.objects.order_by("pk")
    (audio_folder / lost.key).unlink()
    fake.answer(f"/upload/{refused.pk[:2]}", status=403)
    said: list[str] = []
    left = push(lean, clock=clock, progress=lambda what, count: None, report=said.append)
    assert left == 2
    assert len(said) == 2
    assert f"recording {lost.pk}: cannot be read (AudioLost)" in said
    assert set(RemoteObject.objects.filter(class_name="_File").values_list("record_id", flat=True)) == {fine.pk}
    assert len(fake.objects["Turn"]) == 4


class Killed(BaseException):
    """Nothing may catch it, as nothing catches SIGKILL."""


def test_a_pull_killed_between_two_recordings_goes_on_and_fetches_none_twice(
    session: PracticeSession,
    lean: LeanCloud,
    fake: LeanCloudFake,
    audio_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_conversation(session)
    pushed(lean)
    forget_everything()
    for recording in audio_folder.rglob("*.mp3"):
        recording.unlink()
    adopt, adopted = audio.adopt, []

    def killed_at_the_second(recording: AudioFile) -> None:
        if adopted:
            raise Killed
        adopted.append(recording)
        adopt(recording)

    with monkeypatch.context() as patch:
        patch.setattr(audio, "adopt", killed_at_the_second)
        with pytest.raises(Killed):
            pull(lean)
    tallies = pull(lean)
    assert sum(tally.recordings for tally in tallies) == 1
    assert AudioFile.objects.count() == 2
    assert list(differences(lean)) == []
    assert len(list(audio_folder.rglob("*.mp3"))) == 3, "the bytes that the killed pull had written are still there"
    audio_upload.delete_due(datetime.now(UTC) + audio.SETTLING_TAKES_AT_MOST * 2)
    left = {str(path.relative_to(audio_folder)) for path in audio_folder.rglob("*.mp3")}
    assert left == {recording.key for recording in AudioFile.objects.all()}


def test_a_recording_that_took_too_long_to_store_is_fetched_again(
    session: PracticeSession, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_conversation(session)
    pushed(lean)
    forget_everything()
    deposit = audio.deposit

    def outlasted(*args: Any, **options: Any) -> AudioFile:
        recording = deposit(*args, **options)
        audio_upload.delete_due(datetime.now(UTC) + audio.SETTLING_TAKES_AT_MOST * 2)
        return recording

    with monkeypatch.context() as patch:
        patch.setattr(audio, "deposit", outlasted)
        _, said = pulled(lean)
    assert [line.split(": ", 1)[1] for line in said] == ["its audio took too long to be stored; pull again"] * 2
    pull(lean)
    assert list(differences(lean)) == []


def test_a_push_killed_in_an_upload_leaves_no_file_without_its_bytes(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_conversation(session)

    def killed(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(lean, "_send_bytes", killed)
        with pytest.raises(Killed):
            pushed(lean)
    assert fake.files
    assert fake.content == {}
    assert pushed(lean) == 0
    assert list(differences(lean)) == []
    assert len(fake.files) == len(fake.content) == 2


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


def an_app_of_another_make(fake: LeanCloudFake) -> dict[str, str]:
    """Objects without our bookkeeping, with Pointers and Dates."""
    fake.create("Skill", {"externalId": "s", "name": "Listening", "rubric": "1: no\n5: yes"})
    (skill_id,) = fake.objects["Skill"]
    fake.create(
        "Scenario",
        {
            "externalId": "late",
            "title": "Deadlines",
            "category": "Work",
            "description": "You lead a team.",
            "objective": "Agree on a date",
            "aiPersona": {"name": "Alex", "background": "Proud of the work."},
            "traineePersona": {"name": "Sam", "background": "New lead."},
            "endCriteria": ["A date is agreed"],
            "skills": [{"__type": "Pointer", "className": "Skill", "objectId": skill_id}],
            "status": "published",
        },
    )
    (scenario_id,) = fake.objects["Scenario"]
    fake.create(
        "PracticeSession",
        {
            "scenarioId": {"__type": "Pointer", "className": "Scenario", "objectId": scenario_id},
            "stubUserId": "pilot-user",
            "status": "ended",
            "terminationReason": "manual",
            "startedAt": {"__type": "Date", "iso": "2026-01-05T09:00:00.000Z"},
            "endedAt": "2026-01-05T09:04:00.000Z",
        },
    )
    (session_id,) = fake.objects["PracticeSession"]
    fake.create("Turn", {"sessionId": session_id, "sequence": 0, "speaker": "ai", "transcript": "Hello."})
    return {"skill": skill_id, "scenario": scenario_id, "session": session_id}


def test_an_app_of_another_make_comes_over_with_pointers_and_dates(lean: LeanCloud, fake: LeanCloudFake) -> None:
    ids = an_app_of_another_make(fake)
    pull(lean)
    session = PracticeSession.objects.get()
    assert session.pk == ids["session"]
    assert session.started_at == NOW
    assert session.scenario_title == "Deadlines"
    assert [skill.pk for skill in session.scenario.ordered_skills()] == [ids["skill"]]
    assert session.scenario.ai_persona["name"] == "Alex"
    assert session.turns.get().reply_status == ReplyStatus.COMPLETE


@pytest.mark.parametrize(
    ("class_name", "body", "said"),
    [
        ("Skill", {"externalId": "x", "name": 3 * "long " * 100}, "name: longer than 120 characters"),
        ("Scenario", {"externalId": "x", "title": "T", "endCriteria": "one"}, "endCriteria: not a list of sentences"),
        ("PracticeSession", {"status": "ended"}, "scenarioId: is missing"),
        ("Turn", {"sessionId": "nowhere", "sequence": 1, "speaker": "trainee"}, "PracticeSession that is not there"),
        ("Turn", {"sequence": 1, "speaker": "trainee"}, "breaks a rule of the database"),
    ],
)
def test_a_broken_object_is_reported_and_the_others_come(
    lean: LeanCloud, fake: LeanCloudFake, class_name: str, body: dict[str, Any], said: str
) -> None:
    an_app_of_another_make(fake)
    fake.create(class_name, body)
    _, reported = pulled(lean)
    assert len(reported) == 1
    assert said in reported[0]
    assert PracticeSession.objects.count() == 1


def test_sessions_that_continue_one_another_come_in_any_order(lean: LeanCloud, fake: LeanCloudFake) -> None:
    an_app_of_another_make(fake)
    (first,) = fake.objects["PracticeSession"].values()
    chain = [first["objectId"]]
    for _ in range(4):
        _, made = fake.create("PracticeSession", {**first, "continuesFrom": chain[-1]})
        chain.append(made["objectId"])
    pull(lean)
    assert PracticeSession.objects.get(pk=chain[-1]).continues_from_id == chain[-2]


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

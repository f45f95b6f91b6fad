"""Real apps hold whatever years of SDKs, consoles and scripts have left: what can be brought is, the rest is named."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from coach.config import config
from coach.leancloud import downloads
from coach.leancloud.client import LeanCloud
from coach.leancloud.management.commands import leancloud as command
from coach.leancloud.models import OutboxRow, RemoteObject
from coach.storage import audio, settling
from coach.storage.models import AudioDeletion, AudioFile
from evaluations.models import Evaluation, Evidence
from history import erasure
from practice.models import PracticeSession, Scenario, Skill, Turn
from tests.audio import sounds
from tests.fakes.leancloud import LeanCloudFake
from tests.storage.cast import NOW

pytestmark = pytest.mark.django_db

SPEECH = sounds.mp3(0.9)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
THEN = "2026-01-05T09:00:00.000Z"
EARLIER = {"createdAt": "2025-12-01T08:00:00.000Z", "updatedAt": "2025-12-01T08:00:00.000Z"}


class Told:
    """What one run of the command did: its exit status, and what it wrote but for its progress."""

    def __init__(self, *args: str) -> None:
        out, err = StringIO(), StringIO()
        self.status = 0
        try:
            call_command("leancloud", *args, stdout=out, stderr=err)
        except CommandError as error:
            self.status = error.returncode
            err.write(str(error))
        said = [line for line in out.getvalue().splitlines(keepends=True) if not re.search(r": \d+ compared$", line)]
        self.out, self.err = "".join(said), err.getvalue()


@pytest.fixture(autouse=True)
def _configured(lean: LeanCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(config), "lean_configured", property(lambda self: True))
    monkeypatch.setattr(command, "client", lambda tries: lean)


def recorded_turn(fake: LeanCloudFake, session: str, sequence: int, **fields: Any) -> str:
    """A turn whose recording the app has."""
    file_id = fake.add_file(f"{sequence}.mp3", SPEECH)
    return fake.put(
        "Turn",
        {
            **EARLIER,
            "objectId": f"t{sequence}",
            "sessionId": session,
            "sequence": sequence,
            "speaker": "ai" if sequence % 2 == 0 else "trainee",
            "transcript": f"Line {sequence}.",
            "audioFileId": file_id,
            "audioUrl": fake.files[file_id]["url"],
            **fields,
        },
    )


@pytest.fixture
def app(fake: LeanCloudFake) -> LeanCloudFake:
    """An app of another make: one session of four turns with recordings, scored."""
    fake.put("Skill", {**EARLIER, "objectId": "k1", "externalId": "listen", "name": "Listening", "rubric": "1: no"})
    fake.put(
        "Scenario",
        {
            **EARLIER,
            "objectId": "c1",
            "externalId": "late",
            "title": "Deadlines",
            "aiPersona": {"name": "Alex", "background": "Proud."},
            "traineePersona": {"name": "Sam", "background": "New lead."},
            "endCriteria": ["A date is agreed"],
            "skills": ["k1"],
            "status": "published",
        },
    )
    fake.put(
        "PracticeSession",
        {
            **EARLIER,
            "objectId": "s1",
            "scenarioId": "c1",
            "stubUserId": "pilot-user",
            "status": "ended",
            "terminationReason": "manual",
            "startedAt": THEN,
            "endedAt": "2026-01-05T09:04:00.000Z",
            "evaluationId": "e1",
        },
    )
    for sequence in range(4):
        recorded_turn(fake, "s1", sequence)
    fake.put(
        "Evaluation",
        {
            **EARLIER,
            "objectId": "e1",
            "sessionId": "s1",
            "status": "completed",
            "summary": "Plainly said.",
            "attempts": 1,
            "scores": [{"skillId": "k1", "rating": 4, "note": "Good."}],
        },
    )
    return fake


def test_an_app_of_another_make_is_pulled_whole_and_verify_finds_no_difference(app: LeanCloudFake) -> None:
    pulled = Told("pull")
    assert (pulled.status, pulled.err) == (0, "")
    assert Turn.objects.exclude(audio=None).count() == 4
    verified = Told("verify")
    assert (verified.status, verified.err) == (0, "")
    assert verified.out.startswith("No differences. 8 objects were compared.")
    assert Told("pull").status == 0


# Nothing there


def test_pull_and_verify_of_an_app_without_classes_say_what_they_looked_for(fake: LeanCloudFake) -> None:
    for action in ("pull", "verify"):
        told = Told(action)
        assert told.status == 2
        assert "No differences" not in told.out
        assert "Skill, Scenario, PracticeSession, Turn, Evaluation" in told.err


@pytest.mark.parametrize("files", [{}, {"notes.txt": "x", "Users.json": "[]"}, {"Turn.bson.gz": "x"}])
def test_pull_and_verify_of_an_empty_or_wrong_folder_name_the_class_files_they_looked_for(
    tmp_path: Path, files: dict[str, str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    for action in ("pull", "verify"):
        told = Told(action, "--from-export", str(tmp_path))
        assert told.status == 2
        assert "Complete" not in told.out
        assert "No differences" not in told.out
        assert "Skill.json, Scenario.json, PracticeSession.json, Turn.json, Evaluation.json" in told.err


def test_class_files_without_objects_are_nothing_pulled_and_nothing_compared(tmp_path: Path) -> None:
    for name in ("Skill", "Turn"):
        (tmp_path / f"{name}.json").write_text("[]")
    assert Told("pull", "--from-export", str(tmp_path)).status == 2
    verified = Told("verify", "--from-export", str(tmp_path))
    assert (verified.status, "No differences" in verified.out) == (2, False)


def test_verify_against_a_wrong_folder_lists_no_record_as_missing(app: LeanCloudFake, tmp_path: Path) -> None:
    Told("pull")
    told = Told("verify", "--from-export", str(tmp_path))
    assert (told.status, told.out) == (2, "")


def exported(fake: LeanCloudFake, folder: Path) -> Path:
    for name, objects in fake.objects.items():
        (folder / f"{name}.0.jsonl").write_text("\n".join(map(json.dumps, objects.values())))
    (folder / "_File.0.jsonl").write_text("\n".join(map(json.dumps, fake.files.values())))
    return folder


def test_a_class_that_an_export_lacks_is_said_to_be_neither_brought_nor_compared(
    app: LeanCloudFake, tmp_path: Path
) -> None:
    export = str(exported(app, tmp_path))
    (tmp_path / "Evaluation.0.jsonl").unlink()
    pulled = Told("pull", "--from-export", export)
    assert "neither brought nor compared: Evaluation" in pulled.err
    verified = Told("verify", "--from-export", export)
    assert verified.status == 1
    assert "evaluationId differs" in verified.out


@pytest.mark.parametrize("class_name", ["Skill", "Turn", "Evaluation"])
@pytest.mark.parametrize("damage", ["cut", "page", "empty"])
def test_a_class_file_that_is_damaged_is_named_and_all_the_others_are_brought(
    app: LeanCloudFake, tmp_path: Path, class_name: str, damage: str
) -> None:
    export = exported(app, tmp_path)
    path = export / f"{class_name}.0.jsonl"
    text = path.read_text()
    path.write_text({"cut": text[:-9], "page": "<html>Sign in</html>", "empty": ""}[damage])
    pulled = Told("pull", "--from-export", str(export))
    assert pulled.status == 1
    assert f"{class_name}.0.jsonl" in pulled.err
    assert PracticeSession.objects.get().scenario.title == "Deadlines"
    assert Turn.objects.exists() == (class_name != "Turn" or damage == "cut")
    verified = Told("verify", "--from-export", str(export))
    assert verified.status == 2
    assert "No differences" not in verified.out
    assert f"{class_name}.0.jsonl" in verified.err


def test_a_class_that_the_service_does_not_give_out_is_named_and_all_the_others_are_brought(
    app: LeanCloudFake,
) -> None:
    app.answer("/scan/classes/Turn", b"<html>Bad gateway</html>", status=502)
    pulled = Told("pull")
    assert pulled.status == 2
    assert "Turn: cannot be read to its end" in pulled.err
    assert Evaluation.objects.count() == 1
    verified = Told("verify")
    assert (verified.status, verified.out) == (2, "")
    app.exact.clear()
    assert (Told("pull").status, Told("verify").status) == (0, 0)


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, b"<html>Sign in to the network</html>", {"Content-Type": "text/html"}),
        (200, b"", {}),
        (200, b"null", {}),
        (200, b"[]", {}),
        (200, b"{}", {}),
        (200, b'{"results": null}', {}),
        (200, b'{"results": [', {}),
        (200, b'{"results": []}', {"Content-Length": "99999"}),
        (200, b"not gzip", {"Content-Encoding": "gzip"}),
        (301, b"", {"Location": "https://tab.example.com/1.1/"}),
        (404, b"<html>Not found</html>", {}),
        (500, b"", {}),
    ],
)
def test_whatever_answers_in_the_place_of_leancloud_is_never_taken_for_an_empty_app(
    app: LeanCloudFake, status: int, body: bytes, headers: dict[str, str]
) -> None:
    app.answer("/1.1/", body, status=status, headers=headers)
    for action in ("pull", "verify"):
        told = Told(action)
        assert told.status == 2
        assert "No differences" not in told.out
        assert "complete" not in told.out
        assert "master" not in told.err


def test_a_redirect_is_named_and_never_given_the_keys(app: LeanCloudFake) -> None:
    app.answer("/1.1/", status=307, headers={"Location": "https://tab.example.com/1.1/"})
    assert "LEAN_SERVER_URL redirects to tab.example.com" in Told("pull").err


def test_a_scan_that_goes_round_in_circles_ends(app: LeanCloudFake) -> None:
    page = json.dumps({"results": [{"objectId": "x", "name": "X"}], "cursor": "again"})
    app.answer("/scan/classes/Skill", page)
    told = Told("pull")
    assert "Skill: cannot be read to its end" in told.err
    assert PracticeSession.objects.count() == 1


# Recordings


def hang(monkeypatch: pytest.MonkeyPatch, lean: LeanCloud) -> None:
    """Patience of a twentieth of a second."""
    monkeypatch.setattr(lean, "_downloads", downloads.Downloads(timeout=(0.05, 0.05), sleep=lambda seconds: None))


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404},
        {"status": 403, "body": b"<Error><Code>AccessDenied</Code></Error>"},
        {"status": 400},
        {"status": 500},
        {"status": 204},
        {"body": b""},
        {"body": b"<html>Blocked</html>", "headers": {"Content-Type": "text/html; charset=utf-8"}},
        {"body": b"<!doctype html>" + b"Blocked " * 400, "headers": {"Content-Type": "audio/mpeg"}},
        {"body": b'{"error": "Document not found"}', "headers": {"Content-Type": "application/json"}},
        {"body": SPEECH, "headers": {"Content-Length": "99999"}},
        {"body": b"\x00" * 3000, "headers": {"Content-Type": "audio/mpeg"}},
        {"status": 302, "headers": {"Location": "/bytes/1.mp3"}},
        {"status": 302, "headers": {"Location": "file:///etc/passwd"}},
        {"body": b"not gzip", "headers": {"Content-Encoding": "gzip"}},
    ],
    ids=str,
)
def test_one_dead_file_address_is_named_and_everything_else_is_brought(
    app: LeanCloudFake, answer: dict[str, Any]
) -> None:
    app.answer("/bytes/1.mp3", **answer)
    for _ in range(2):
        pulled = Told("pull")
        assert pulled.status == 1
        assert "Turn t1: its audio cannot be had" in pulled.err
        assert sorted(Turn.objects.exclude(audio=None).values_list("pk", flat=True)) == ["t0", "t2", "t3"]
        assert Evaluation.objects.count() == 1
    verified = Told("verify")
    assert verified.status == 1
    assert verified.out.splitlines() == ["Turn t1: its audio is not here"]
    app.exact.clear()
    assert (Told("pull").status, Told("verify").status) == (0, 0)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nowhere",
        "http://",
        "ftp://example.com/x.mp3",
        "http://[::1",
        "http://..x/y",
        "http://x:99999/",
        "\ud800",
        17,
    ],
)
def test_an_address_that_is_none_costs_its_own_recording_only(app: LeanCloudFake, address: Any) -> None:
    file = app.files[app.objects["Turn"]["t1"]["audioFileId"]]
    file["url"] = app.objects["Turn"]["t1"]["audioUrl"] = address
    pulled = Told("pull")
    assert pulled.status == 1
    assert "Turn t1" in pulled.err
    assert Turn.objects.exclude(audio=None).count() == 3


def test_a_file_server_that_says_nothing_is_given_up_and_everything_else_is_brought(
    app: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang(monkeypatch, lean)
    app.answer("/bytes/", silent=True)
    pulled = Told("pull")
    assert pulled.status == 1
    assert pulled.err.count("its audio cannot be had") == 4
    assert (Turn.objects.count(), Evaluation.objects.count()) == (4, 1)


def test_a_silent_file_server_is_asked_no_more_once_it_has_cost_its_share(
    app: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang(monkeypatch, lean)
    monkeypatch.setattr(downloads, "SILENCE_MAX", 0.01)
    for sequence in range(4, 40):
        recorded_turn(app, "s1", sequence)
    app.answer("/bytes/", silent=True)
    pulled = Told("pull")
    assert pulled.err.count("its audio cannot be had") == 40
    assert sum("/bytes/" in path for _, path in app.requests) <= 8 * downloads.TRIES


def test_a_file_that_never_ends_is_cut_off(
    app: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang(monkeypatch, lean)
    now = [0.0]
    monkeypatch.setattr(downloads.time, "monotonic", lambda: now[0])

    def a_second_passes() -> None:
        now[0] += 1

    app.answer("/bytes/1.mp3", on_drip=a_second_passes)
    pulled = Told("pull")
    assert pulled.status == 1
    assert "Turn t1: its audio cannot be had (the file server is too slow)" in pulled.err


def test_a_recording_whose_first_transfer_was_cut_is_fetched_again(app: LeanCloudFake) -> None:
    app.answer("/bytes/1.mp3", SPEECH[:300], times=1)
    assert Told("pull").status == 0
    turn = Turn.objects.get(pk="t1")
    assert turn.audio is not None
    assert audio.read(turn.audio) == SPEECH


def test_a_recording_that_is_not_what_its_checksum_says_is_kept_and_named(app: LeanCloudFake) -> None:
    app.files[app.objects["Turn"]["t1"]["audioFileId"]]["metaData"]["_checksum"] = "0" * 32
    pulled = Told("pull")
    assert pulled.status == 1
    assert "Turn t1: its audio is kept, but it is not what LeanCloud's checksum says" in pulled.err
    assert Turn.objects.exclude(audio=None).count() == 4
    assert "Turn t1: its audio differs" in Told("verify").out


@pytest.mark.parametrize(
    "form",
    [
        lambda file: {"__type": "Pointer", "className": "_File", "objectId": file["objectId"]},
        lambda file: {"__type": "File", "id": file["objectId"], "name": "x", "url": file["url"]},
        lambda file: {"__type": "File", "objectId": file["objectId"], "name": "x"},
        lambda file: {"__type": "Object", "className": "_File", "objectId": file["objectId"], "url": file["url"]},
        lambda file: [{"__type": "File", "id": file["objectId"]}],
        lambda file: {"objectId": file["objectId"]},
    ],
)
@pytest.mark.parametrize("with_url", [True, False])
def test_a_recording_named_by_a_pointer_or_a_file_object_is_pulled_and_erased_over_there_later(
    app: LeanCloudFake, lean: LeanCloud, form: Callable[[Any], Any], with_url: bool
) -> None:
    turn = app.objects["Turn"]["t1"]
    file_id = turn["audioFileId"]
    turn["audioFileId"] = form(app.files[file_id])
    if not with_url:
        del turn["audioUrl"]
    assert (Told("pull").status, Told("verify").status) == (0, 0)
    recording = Turn.objects.get(pk="t1").audio
    assert recording is not None
    assert RemoteObject.objects.get(class_name="_File", record_id=recording.pk).object_id == file_id
    erasure.erase("s1", user_id="pilot-user", now=NOW)
    settling.delete_due(LATER)
    assert not AudioDeletion.objects.exists()
    assert file_id not in app.files


@pytest.mark.parametrize("value", [{"__type": "File", "name": "x", "url": "URL"}, "URL", ["URL"]])
def test_a_recording_named_by_its_address_alone_is_pulled(app: LeanCloudFake, value: Any) -> None:
    turn = app.objects["Turn"]["t1"]
    url = turn.pop("audioUrl")
    turn["audioFileId"] = json.loads(json.dumps(value).replace("URL", url))
    assert (Told("pull").status, Told("verify").status) == (0, 0)
    assert Turn.objects.exclude(audio=None).count() == 4


@pytest.mark.parametrize("value", [17, True, {"__type": "Date", "iso": THEN}, ["a", "b"], {"name": "x"}])
def test_a_recording_field_that_names_no_file_is_named_and_its_turn_is_brought(app: LeanCloudFake, value: Any) -> None:
    app.objects["Turn"]["t1"]["audioFileId"] = value
    for _ in range(2):
        pulled = Told("pull")
        assert pulled.status == 1
        assert "Turn t1: audioFileId: names no file" in pulled.err
    assert Turn.objects.get(pk="t1").transcript == "Line 1."
    assert "Turn t1: audioFileId: names no file" in Told("verify").out


def test_a_file_class_that_is_not_given_out_leaves_the_addresses_of_the_turns(app: LeanCloudFake) -> None:
    app.answer("/1.1/classes/_File", b'{"code": 1, "error": "Forbidden by class permissions."}', status=403)
    assert Told("pull").status == 0
    assert Turn.objects.exclude(audio=None).count() == 4


@pytest.mark.parametrize("meta", [None, "x", {}, {"_checksum": 7}, {"_checksum": "Fto5o-5ea0sNMlW_75VgGJCv2AcJ"}])
def test_a_file_object_without_a_checksum_of_ours_is_compared_by_its_bytes(app: LeanCloudFake, meta: Any) -> None:
    for file in app.files.values():
        file["metaData"] = meta
    assert (Told("pull").status, Told("verify").status) == (0, 0)
    app.content["1.mp3"] = sounds.mp3(0.5)
    assert Told("verify").out.splitlines() == ["Turn t1: its audio differs"]
    app.answer("/bytes/1.mp3", status=500)
    verified = Told("verify")
    assert verified.status == 1
    assert "Turn t1: its audio cannot be compared" in verified.out


# Times


ODD_TIMES = [
    "yesterday",
    17,
    1_767_603_600,
    1.5,
    True,
    [],
    {},
    {"__type": "Date"},
    {"a": 1},
    "2026-13-45T00:00:00Z",
    None,
]


def test_a_changed_object_with_an_odd_updated_at_is_named_and_the_rest_is_pulled(app: LeanCloudFake) -> None:
    skills = [twin(app, "Skill", number) for number, _ in enumerate(ODD_TIMES)]
    Told("pull")
    for skill, odd in zip(skills, ODD_TIMES, strict=True):
        skill |= {"description": "Changed.", "updatedAt": odd}
    recorded_turn(app, "s1", 4)
    pulled = Told("pull")
    assert pulled.status == 1
    assert all(f"Skill {skill['objectId']}: updatedAt: not a time" in pulled.err for skill in skills)
    assert not Skill.objects.filter(description="Changed.").exists()
    assert Turn.objects.count() == 5
    assert Told("verify").out.splitlines() == [f"Skill {id_}: description differs" for id_ in sorted(names(skills))]
    assert Told("pull", "--force").status == 0
    assert Skill.objects.filter(description="Changed.").count() == len(skills)


def names(bodies: list[dict[str, Any]]) -> list[str]:
    return [body["objectId"] for body in bodies]


@pytest.mark.parametrize("class_name", ["Skill", "Scenario", "PracticeSession", "Turn", "Evaluation"])
def test_an_object_that_was_always_without_a_time_is_brought_and_found_unchanged(
    app: LeanCloudFake, class_name: str
) -> None:
    for number, odd in enumerate(ODD_TIMES):
        twin(app, class_name, number)["updatedAt"] = odd
    assert [Told("pull").status, Told("pull").status, Told("verify").status] == [0, 0, 0]


def test_a_time_in_any_usual_form_is_read(app: LeanCloudFake) -> None:
    forms: list[Any] = [
        {"__type": "Date", "iso": THEN},
        {"iso": THEN},
        {"$date": THEN},
        {"$date": {"$numberLong": "1767603600000"}},
        1_767_603_600_000,
        1_767_603_600,
        "1767603600000",
        "2026-01-05T17:00:00+08:00",
        "2026-01-05 09:00:00",
        "Mon, 05 Jan 2026 09:00:00 GMT",
    ]
    for number, form in enumerate(forms):
        twin(app, "PracticeSession", number)["startedAt"] = form
        twin(app, "Turn", number)["endedAt"] = form
    assert (Told("pull").status, Told("verify").status) == (0, 0)
    assert set(PracticeSession.objects.values_list("started_at", flat=True)) == {NOW}
    assert Turn.objects.filter(ended_at=NOW).count() == len(forms)


@pytest.mark.parametrize(
    ("class_name", "field"),
    [("PracticeSession", "clientSessionStartedAt"), ("Turn", "startedAt"), ("Turn", "createdAt")],
)
def test_a_time_that_is_none_is_named_at_every_pull_and_its_object_brought_without_it(
    app: LeanCloudFake, class_name: str, field: str
) -> None:
    odd = ["yesterday", 17, True, [1], {"a": 1}]
    bodies = [twin(app, class_name, number) for number, _ in enumerate(odd)]
    for body, value in zip(bodies, odd, strict=True):
        body[field] = value
    for _ in range(2):
        pulled = Told("pull")
        assert pulled.status == 1
        said = f"{class_name} {{}}: taken over, but for {field}: not a time"
        assert all(said.format(object_id) in pulled.err for object_id in names(bodies))
    assert (PracticeSession.objects.count(), Turn.objects.count()) == (
        len(app.objects["PracticeSession"]),
        len(app.objects["Turn"]),
    )


# Fields


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


def twin(app: LeanCloudFake, class_name: str, number: int) -> dict[str, Any]:
    """Another object as good as the first of its class, with all that it belongs to."""
    first = next(iter(app.objects[class_name].values()))
    object_id = f"{first['objectId']}-{number}"
    own: dict[str, Any] = {"objectId": object_id}
    if class_name in ("Skill", "Scenario"):
        own |= {"externalId": object_id, "name": object_id, "title": object_id}
    if class_name == "Turn":
        own |= {"sequence": 100 + 2 * number, "audioFileId": None, "audioUrl": None}
    if class_name == "PracticeSession":
        own |= {"evaluationId": None}
    if class_name == "Evaluation":
        own |= {"sessionId": twin(app, "PracticeSession", number)["objectId"]}
    app.put(class_name, {**first, **own})
    return app.objects[class_name][object_id]


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
def test_a_field_of_the_wrong_kind_never_costs_more_than_itself(
    app: LeanCloudFake, class_name: str, field: str
) -> None:
    for number, wrong in enumerate(WRONG):
        twin(app, class_name, number)[field] = wrong
    pulled = Told("pull")
    named = set(re.findall(rf"^{class_name} (\S+): ", pulled.err, re.MULTILINE))
    for model in (Skill, Scenario, PracticeSession, Turn, Evaluation):
        assert model.objects.count() == len(app.objects[model.__name__])
    assert Turn.objects.exclude(audio=None).count() == 4
    assert pulled.status == bool(named)
    verified = Told("verify")
    assert (verified.status == 0) or named
    found = {line.split(":")[0] for line in verified.out.splitlines() if verified.status}
    assert found <= {f"{class_name} {object_id}" for object_id in named}
    again = Told("pull")
    assert (again.status, sorted(again.err.splitlines())) == (pulled.status, sorted(pulled.err.splitlines()))


@pytest.mark.parametrize(
    ("class_name", "field"),
    [("PracticeSession", "scenarioId"), ("Turn", "sessionId"), ("Turn", "sequence"), ("Evaluation", "sessionId")],
)
def test_an_object_without_what_it_belongs_to_is_named_and_the_others_are_brought(
    app: LeanCloudFake, class_name: str, field: str
) -> None:
    wrong = ["nowhere", "", 17.5, True, [], {}, {"__type": "Pointer"}, None]
    odd = [twin(app, class_name, number) for number, _ in enumerate(wrong)]
    for body, value in zip(odd, wrong, strict=True):
        body[field] = value
    pulled = Told("pull")
    assert pulled.status == 1
    assert all(f"{class_name} {body['objectId']}: " in pulled.err for body in odd)
    assert Turn.objects.exclude(audio=None).count() == 4
    assert Evaluation.objects.filter(pk="e1").exists()
    verified = Told("verify")
    assert verified.status == 1
    assert all(f"{class_name} {body['objectId']}: is not here" in verified.out for body in odd)


@pytest.mark.parametrize("class_name", ["Skill", "Turn", "Evaluation"])
def test_an_object_without_an_id_is_named_and_the_others_are_brought(app: LeanCloudFake, class_name: str) -> None:
    first = next(iter(app.objects[class_name].values()))
    for odd in ("", None, 17, {"$oid": "x"}, ["x"], True, "x" * 41):
        app.put(class_name, {**first, "objectId": odd})
    pulled = Told("pull")
    assert pulled.status == 1
    assert len(re.findall(rf"^{class_name} .*: objectId: ", pulled.err, re.MULTILINE)) == 7
    assert (Skill.objects.count(), Turn.objects.count(), Evaluation.objects.count()) == (1, 4, 1)
    assert Told("verify").status == 1


def test_an_entry_that_is_no_object_is_named_and_the_others_are_brought(app: LeanCloudFake, tmp_path: Path) -> None:
    export = exported(app, tmp_path)
    entries = [None, 17, "text", [], [[]], True]
    (export / "Skill.0.jsonl").write_text(json.dumps([*entries, *app.objects["Skill"].values(), *entries]))
    pulled = Told("pull", "--from-export", str(export))
    assert pulled.status == 1
    assert pulled.err.count("Skill (no id): an entry is no object") == 12
    assert Evaluation.objects.count() == 1
    assert Told("verify", "--from-export", str(export)).status == 1


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
    pulled = Told("pull")
    assert (pulled.status, pulled.err) == (0, "")
    verified = Told("verify")
    assert (verified.status, verified.err) == (0, "")
    assert [skill.pk for skill in Scenario.objects.get().ordered_skills()] == ["k1"]
    assert Evaluation.objects.get().scores.get().skill_id == "k1"


def test_a_scenario_keeps_the_skills_that_exist_and_the_others_are_named(app: LeanCloudFake) -> None:
    app.objects["Scenario"]["c1"]["skills"] = ["gone", None, "k1", "k1"]
    pulled = Told("pull")
    assert pulled.status == 1
    assert "Scenario c1: taken over, but for skills: refers to a Skill that is not there" in pulled.err
    assert [skill.pk for skill in Scenario.objects.get().ordered_skills()] == ["k1"]
    assert Told("verify").out.splitlines() == ["Scenario c1: skills differs"]


def test_a_session_that_continues_one_that_is_gone_is_brought_without_it(app: LeanCloudFake) -> None:
    app.objects["PracticeSession"]["s1"]["continuesFrom"] = "gone"
    pulled = Told("pull")
    assert pulled.status == 1
    assert "PracticeSession s1: taken over, but for refers to a PracticeSession that is not there" in pulled.err
    assert Turn.objects.exclude(audio=None).count() == 4


def test_odd_scores_are_named_and_the_rest_of_the_evaluation_is_brought(app: LeanCloudFake) -> None:
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
    pulled = Told("pull")
    assert pulled.status == 1
    assert "Evaluation e1: taken over, but for scores" in pulled.err
    evaluation = Evaluation.objects.get()
    assert evaluation.summary == "Plainly said."
    assert [score.rating for score in evaluation.scores.all()] == [4]
    assert Evidence.objects.get().quote == "Line 1."
    assert evaluation.criteria.get().met
    assert "Evaluation e1: scores differs" in Told("verify").out


def test_letters_that_no_database_takes_are_replaced_and_no_difference(app: LeanCloudFake) -> None:
    app.objects["Turn"]["t1"]["transcript"] = "We \x00 need \ud800 to talk 😀."
    assert (Told("pull").status, Told("verify").status) == (0, 0)
    assert Turn.objects.get(pk="t1").transcript == "We \ufffd need \ufffd to talk 😀."


# Twice


def test_an_object_that_an_export_holds_twice_is_taken_once(app: LeanCloudFake, tmp_path: Path) -> None:
    export = exported(app, tmp_path)
    for name in ("Skill", "PracticeSession", "Turn", "Evaluation"):
        (export / f"{name}.1.jsonl").write_text((export / f"{name}.0.jsonl").read_text())
    pulled = Told("pull", "--from-export", str(export))
    assert (pulled.status, pulled.err) == (0, "")
    assert Turn.objects.count() == 4
    assert Told("verify", "--from-export", str(export)).status == 0


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("part", [0, 1])
def test_of_two_states_of_one_object_the_newest_is_kept_and_both_are_named(
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
    pulled = Told("pull", "--from-export", str(export))
    assert pulled.status == 1
    assert pulled.err.count("Skill k1: comes more than once and not the same each time; the newest is kept") == 1
    assert Skill.objects.get().name == "Hearing"
    assert Told("verify", "--from-export", str(export)).out.splitlines() == ["Skill k1: name differs"]


def test_two_objects_with_one_local_id_never_take_turns_in_being_the_record(app: LeanCloudFake) -> None:
    app.objects["Skill"]["k1"]["localId"] = "here"
    app.put("Skill", {**app.objects["Skill"]["k1"], "objectId": "k2", "name": "Hearing", "externalId": "hear"})
    for _ in range(2):
        pulled = Told("pull")
        assert pulled.status == 1
        assert "Skill k2: is the same record as k1" in pulled.err
        assert Skill.objects.get().name == "Listening"
    assert Told("verify").out.splitlines() == ["Skill k2: is not here"]


def test_a_catalog_that_was_seeded_here_is_the_same_catalog_as_over_there(app: LeanCloudFake) -> None:
    Skill.objects.create(external_id="listen", name="Active listening", category="Basics", rubric="5: yes")
    seeded = Scenario.objects.create(external_id="late", title="Deadlines", category="Work", end_criteria=["x"])
    pulled = Told("pull")
    assert pulled.status == 0
    assert "Scenario c1: newer here, left alone (--force overwrites)" in pulled.err
    assert PracticeSession.objects.get().scenario == seeded
    assert Turn.objects.exclude(audio=None).count() == 4
    assert Told("pull", "--force").status == 0
    assert Told("verify").status == 0


# Verify


@pytest.mark.parametrize("class_name", ["Skill", "Scenario", "PracticeSession", "Turn", "Evaluation"])
def test_a_field_that_the_remote_record_never_had_is_no_difference(app: LeanCloudFake, class_name: str) -> None:
    needed = {"objectId", "sessionId", "scenarioId", "sequence", "speaker", "name", "title", "status", "summary"}
    needed |= {"createdAt", "updatedAt", "startedAt", "endedAt", "terminationReason", "skills"}
    for body in app.objects[class_name].values():
        for name in set(body) - needed:
            del body[name]
    assert (Told("pull").status, Told("verify").status) == (0, 0)


def test_scores_without_the_newer_fields_are_no_difference(app: LeanCloudFake) -> None:
    scores: list[dict[str, Any]] = [
        {"skillId": "k1", "rating": 4, "note": ""},
        {"skillId": "k9", "rating": 2, "note": "Said nothing.", "evidence": None},
    ]
    app.objects["Evaluation"]["e1"]["scores"] = scores
    app.objects["PracticeSession"]["s1"]["evaluationStatus"] = None
    assert (Told("pull").status, Told("verify").status) == (0, 0)


@pytest.mark.parametrize("status", ["pending", "running", "failed"])
def test_an_evaluation_that_was_under_way_over_there_is_no_difference_once_it_has_failed_here(
    app: LeanCloudFake, status: str
) -> None:
    app.objects["Evaluation"]["e1"] |= {"status": status, "summary": None, "scores": []}
    app.objects["PracticeSession"]["s1"]["evaluationStatus"] = status
    assert (Told("pull").status, Told("verify").status) == (0, 0)
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
def test_what_does_differ_is_one_difference_by_its_name(
    app: LeanCloudFake, class_name: str, change: dict[str, Any]
) -> None:
    Told("pull")
    object_id, body = next(iter(app.objects[class_name].items()))
    body |= change
    verified = Told("verify")
    assert verified.status == 1
    assert verified.out.splitlines() == [f"{class_name} {object_id}: {next(iter(change))} differs"]


# Erased here


def test_a_session_that_was_erased_here_is_not_brought_back_by_an_export_of_before(
    app: LeanCloudFake, tmp_path: Path
) -> None:
    export = str(exported(app, tmp_path))
    Told("pull", "--from-export", export)
    erasure.erase("s1", user_id="pilot-user", now=NOW)
    settling.delete_due(LATER)
    for extra in ((), ("--force",)):
        pulled = Told("pull", "--from-export", export, *extra)
        assert pulled.status == 0
        assert "PracticeSession s1: was erased here, and stays so" in pulled.err
        assert not PracticeSession.objects.exists()
        assert not Turn.objects.exists()
        assert not AudioFile.objects.exists()


@pytest.mark.usefixtures("noted")
def test_a_pull_before_the_deletion_has_reached_leancloud_keeps_the_promise(app: LeanCloudFake) -> None:
    Told("pull")
    erasure.erase("s1", user_id="pilot-user", now=NOW)
    owed = OutboxRow.objects.count()
    assert owed == 6
    assert Told("pull").status == 0
    assert not Turn.objects.exists()
    assert OutboxRow.objects.count() == owed

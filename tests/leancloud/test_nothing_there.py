"""An empty folder, a wrong app or a web page is never mistaken for an empty app, nor for an identical one."""

import json
from pathlib import Path

import pytest

from evaluations.models import Evaluation
from practice.models import PracticeSession, Turn
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import Told, exported

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]


def test_an_app_of_another_make_is_pulled_whole_and_verify_finds_no_difference(app: LeanCloudFake) -> None:
    pulled = Told("pull")
    assert (pulled.status, pulled.err) == (0, "")
    assert Turn.objects.exclude(audio=None).count() == 4
    verified = Told("verify")
    assert (verified.status, verified.err) == (0, "")
    assert verified.out.startswith("No differences. 8 objects were compared.")
    assert Told("pull").status == 0


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

"""An empty folder, a wrong app or a web page is never mistaken for an empty or identical app."""

import json
from pathlib import Path

import pytest

from evaluations.models import Evaluation
from practice.models import PracticeSession, Turn
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import CommandRun, exported

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]


def test_an_app_of_another_program_is_pulled_completely_and_verified(app: LeanCloudFake) -> None:
    pulled = CommandRun("pull")
    assert (pulled.status, pulled.err) == (0, "")
    assert Turn.objects.exclude(audio=None).count() == 4
    verified = CommandRun("verify")
    assert (verified.status, verified.err) == (0, "")
    assert verified.out.startswith("No differences. 8 objects were compared.")
    assert CommandRun("pull").status == 0


def test_pull_and_verify_of_an_app_without_classes_say_what_they_looked_for(fake: LeanCloudFake) -> None:
    for action in ("pull", "verify"):
        told = CommandRun(action)
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
        told = CommandRun(action, "--from-export", str(tmp_path))
        assert told.status == 2
        assert "Complete" not in told.out
        assert "No differences" not in told.out
        assert "Skill.json, Scenario.json, PracticeSession.json, Turn.json, Evaluation.json" in told.err


def test_empty_class_files_count_as_nothing_pulled_and_nothing_compared(tmp_path: Path) -> None:
    for name in ("Skill", "Turn"):
        (tmp_path / f"{name}.json").write_text("[]")
    assert CommandRun("pull", "--from-export", str(tmp_path)).status == 2
    verified = CommandRun("verify", "--from-export", str(tmp_path))
    assert (verified.status, "No differences" in verified.out) == (2, False)


def test_verify_against_a_wrong_folder_lists_no_record_as_missing(app: LeanCloudFake, tmp_path: Path) -> None:
    CommandRun("pull")
    told = CommandRun("verify", "--from-export", str(tmp_path))
    assert (told.status, told.out) == (2, "")


def test_a_class_missing_from_an_export_is_reported_as_neither_pulled_nor_compared(
    app: LeanCloudFake, tmp_path: Path
) -> None:
    export = str(exported(app, tmp_path))
    (tmp_path / "Evaluation.0.jsonl").unlink()
    pulled = CommandRun("pull", "--from-export", export)
    assert "neither brought nor compared: Evaluation" in pulled.err
    verified = CommandRun("verify", "--from-export", export)
    assert verified.status == 1
    assert "evaluationId differs" in verified.out


@pytest.mark.parametrize("class_name", ["Skill", "Turn", "Evaluation"])
@pytest.mark.parametrize("damage", ["cut", "page", "empty"])
def test_a_damaged_class_file_is_named_and_the_others_are_pulled(
    app: LeanCloudFake, tmp_path: Path, class_name: str, damage: str
) -> None:
    export = exported(app, tmp_path)
    path = export / f"{class_name}.0.jsonl"
    text = path.read_text()
    path.write_text({"cut": text[:-9], "page": "<html>Sign in</html>", "empty": ""}[damage])
    pulled = CommandRun("pull", "--from-export", str(export))
    assert pulled.status == 1
    assert f"{class_name}.0.jsonl" in pulled.err
    assert PracticeSession.objects.get().scenario.title == "Deadlines"
    assert Turn.objects.exists() == (class_name != "Turn" or damage == "cut")
    verified = CommandRun("verify", "--from-export", str(export))
    assert verified.status == 2
    assert "No differences" not in verified.out
    assert f"{class_name}.0.jsonl" in verified.err


def test_a_class_that_the_service_refuses_is_named_and_the_others_are_pulled(
    app: LeanCloudFake,
) -> None:
    app.answer("/scan/classes/Turn", b"<html>Bad gateway</html>", status=502)
    pulled = CommandRun("pull")
    assert pulled.status == 2
    assert "Turn: cannot be read to its end" in pulled.err
    assert Evaluation.objects.count() == 1
    verified = CommandRun("verify")
    assert (verified.status, verified.out) == (2, "")
    app.exact.clear()
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)


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
def test_any_other_server_is_never_taken_for_an_empty_app(
    app: LeanCloudFake, status: int, body: bytes, headers: dict[str, str]
) -> None:
    app.answer("/1.1/", body, status=status, headers=headers)
    for action in ("pull", "verify"):
        told = CommandRun(action)
        assert told.status == 2
        assert "No differences" not in told.out
        assert "complete" not in told.out
        assert "master" not in told.err


def test_a_redirect_is_reported_and_never_gets_the_keys(app: LeanCloudFake) -> None:
    app.answer("/1.1/", status=307, headers={"Location": "https://tab.example.com/1.1/"})
    assert "LEAN_SERVER_URL redirects to tab.example.com" in CommandRun("pull").err


def test_a_scan_whose_cursor_repeats_ends(app: LeanCloudFake) -> None:
    page = json.dumps({"results": [{"objectId": "x", "name": "X"}], "cursor": "again"})
    app.answer("/scan/classes/Skill", page)
    told = CommandRun("pull")
    assert "Skill: cannot be read to its end" in told.err
    assert PracticeSession.objects.count() == 1

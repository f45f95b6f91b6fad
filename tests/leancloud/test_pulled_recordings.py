"""A dead, silent or faulty file server loses only its own recordings."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from coach.leancloud import downloads
from coach.leancloud.client import LeanCloud
from coach.leancloud.models import RemoteObject
from coach.storage import audio, audio_deletion
from coach.storage.models import AudioDeletion
from evaluations.models import Evaluation
from history import erasure
from practice.models import Turn
from tests.audio import sounds
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import LATER, SPEECH, THEN, CommandRun, recorded_turn
from tests.storage.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]


def hang(monkeypatch: pytest.MonkeyPatch, lean: LeanCloud) -> None:
    """Give up silent file servers after 0.05 s."""
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
def test_a_dead_file_url_is_named_and_everything_else_is_pulled(app: LeanCloudFake, answer: dict[str, Any]) -> None:
    app.answer("/bytes/1.mp3", **answer)
    for _ in range(2):
        pulled = CommandRun("pull")
        assert pulled.status == 1
        assert "Turn t1: its audio cannot be had" in pulled.err
        assert sorted(Turn.objects.exclude(audio=None).values_list("pk", flat=True)) == ["t0", "t2", "t3"]
        assert Evaluation.objects.count() == 1
    verified = CommandRun("verify")
    assert verified.status == 1
    assert verified.out.splitlines() == ["Turn t1: its audio is not here"]
    app.exact.clear()
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)


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
def test_an_invalid_file_url_loses_only_its_own_recording(app: LeanCloudFake, address: Any) -> None:
    file = app.files[app.objects["Turn"]["t1"]["audioFileId"]]
    file["url"] = app.objects["Turn"]["t1"]["audioUrl"] = address
    pulled = CommandRun("pull")
    assert pulled.status == 1
    assert "Turn t1" in pulled.err
    assert Turn.objects.exclude(audio=None).count() == 3


def test_a_silent_file_server_is_given_up_and_everything_else_is_pulled(
    app: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang(monkeypatch, lean)
    app.answer("/bytes/", silent=True)
    pulled = CommandRun("pull")
    assert pulled.status == 1
    assert pulled.err.count("its audio cannot be had") == 4
    assert (Turn.objects.count(), Evaluation.objects.count()) == (4, 1)


def test_a_file_server_is_no_longer_asked_once_it_was_silent_for_too_long_in_total(
    app: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang(monkeypatch, lean)
    monkeypatch.setattr(downloads, "SILENCE_MAX", 0.01)
    for sequence in range(4, 40):
        recorded_turn(app, "s1", sequence)
    app.answer("/bytes/", silent=True)
    pulled = CommandRun("pull")
    assert pulled.err.count("its audio cannot be had") == 40
    assert sum("/bytes/" in path for _, path in app.requests) <= 8 * downloads.TRIES


def test_a_file_that_never_ends_is_cut_off(
    app: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each byte comes soon, so a deadline for the next one must not be what ends it.
    monkeypatch.setattr(lean, "_downloads", downloads.Downloads(timeout=(30, 30), sleep=lambda seconds: None))
    now = [0.0]
    # Not the clock of the whole process: the fake would never be told that the client has left.
    monkeypatch.setattr(downloads, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def a_second_passes() -> None:
        now[0] += 1

    app.answer("/bytes/1.mp3", on_drip=a_second_passes)
    pulled = CommandRun("pull")
    assert pulled.status == 1
    assert "Turn t1: its audio cannot be had (the file server is too slow)" in pulled.err


def test_a_recording_whose_first_download_broke_off_is_fetched_again(app: LeanCloudFake) -> None:
    app.answer("/bytes/1.mp3", SPEECH[:300], times=1)
    assert CommandRun("pull").status == 0
    turn = Turn.objects.get(pk="t1")
    assert turn.audio is not None
    assert audio.read(turn.audio) == SPEECH


def test_a_recording_with_a_wrong_checksum_is_kept_and_named(app: LeanCloudFake) -> None:
    app.files[app.objects["Turn"]["t1"]["audioFileId"]]["metaData"]["_checksum"] = "0" * 32
    pulled = CommandRun("pull")
    assert pulled.status == 1
    assert "Turn t1: its audio is kept, but it is not what LeanCloud's checksum says" in pulled.err
    assert Turn.objects.exclude(audio=None).count() == 4
    assert "Turn t1: its audio differs" in CommandRun("verify").out


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
def test_a_recording_named_by_a_pointer_or_file_object_is_pulled_and_later_erased_remotely(
    app: LeanCloudFake, lean: LeanCloud, form: Callable[[Any], Any], with_url: bool
) -> None:
    turn = app.objects["Turn"]["t1"]
    file_id = turn["audioFileId"]
    turn["audioFileId"] = form(app.files[file_id])
    if not with_url:
        del turn["audioUrl"]
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)
    recording = Turn.objects.get(pk="t1").audio
    assert recording is not None
    assert RemoteObject.objects.get(class_name="_File", record_id=recording.pk).object_id == file_id
    erasure.erase("s1", user_id="pilot-user", now=NOW)
    audio_deletion.delete_due(LATER)
    assert not AudioDeletion.objects.exists()
    assert file_id not in app.files


@pytest.mark.parametrize("value", [{"__type": "File", "name": "x", "url": "URL"}, "URL", ["URL"]])
def test_a_recording_named_only_by_its_url_is_pulled(app: LeanCloudFake, value: Any) -> None:
    turn = app.objects["Turn"]["t1"]
    url = turn.pop("audioUrl")
    turn["audioFileId"] = json.loads(json.dumps(value).replace("URL", url))
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)
    assert Turn.objects.exclude(audio=None).count() == 4


@pytest.mark.parametrize("value", [17, True, {"__type": "Date", "iso": THEN}, ["a", "b"], {"name": "x"}])
def test_an_invalid_recording_field_is_named_and_its_turn_is_pulled(app: LeanCloudFake, value: Any) -> None:
    app.objects["Turn"]["t1"]["audioFileId"] = value
    for _ in range(2):
        pulled = CommandRun("pull")
        assert pulled.status == 1
        assert "Turn t1: audioFileId: names no file" in pulled.err
    assert Turn.objects.get(pk="t1").transcript == "Line 1."
    assert "Turn t1: audioFileId: names no file" in CommandRun("verify").out


def test_without_access_to_files_the_urls_in_turns_are_used(app: LeanCloudFake) -> None:
    app.answer("/1.1/classes/_File", b'{"code": 1, "error": "Forbidden by class permissions."}', status=403)
    assert CommandRun("pull").status == 0
    assert Turn.objects.exclude(audio=None).count() == 4


@pytest.mark.parametrize("meta", [None, "x", {}, {"_checksum": 7}, {"_checksum": "Fto5o-5ea0sNMlW_75VgGJCv2AcJ"}])
def test_a_file_without_our_checksum_is_compared_by_its_bytes(app: LeanCloudFake, meta: Any) -> None:
    for file in app.files.values():
        file["metaData"] = meta
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)
    app.content["1.mp3"] = sounds.mp3(0.5)
    assert CommandRun("verify").out.splitlines() == ["Turn t1: its audio differs"]
    app.answer("/bytes/1.mp3", status=500)
    verified = CommandRun("verify")
    assert verified.status == 1
    assert "Turn t1: its audio cannot be compared" in verified.out

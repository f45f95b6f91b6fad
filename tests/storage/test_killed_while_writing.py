"""Bytes written by a process that was killed always have a row, so sweeps and erasures find them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction

from coach.storage import audio, audio_deletion, audio_upload, copies, moving_between_stores, stores
from coach.storage.models import AudioDeletion, AudioFile
from history import erasure, export, orphans
from history.models import Archive, Erasure
from practice.models import PracticeSession, Turn
from tests import cast
from tests.history.cast import past_session
from tests.storage.cast import spoken

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """Stands for the end of the process; no code may catch it."""


@pytest.fixture
def s3(settings: Any, tmp_path: Path) -> Path:
    """A second store, on disk."""
    second = {**settings.STORAGES["audio-local"], "OPTIONS": {"location": tmp_path / "s3", "allow_overwrite": True}}
    settings.STORAGES = {**settings.STORAGES, "audio-s3": second}
    return tmp_path / "s3"


@pytest.fixture
def session() -> PracticeSession:
    made = past_session(cast.scenario(), at=NOW)
    made.turns.all().delete()
    spoken(made)
    return made


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def killed(monkeypatch: pytest.MonkeyPatch, owner: Any, method: str, *, after: bool, work: Callable[[], Any]) -> None:
    """Run `work`, killed just before or just after its call of `owner.method`."""
    really = getattr(owner, method)

    def dies(*args: Any, **options: Any) -> Any:
        if after:
            really(*args, **options)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, method, dies)
        with pytest.raises(Killed):
            work()


def confirmed() -> list[bool]:
    return [one.confirmed_at is not None for one in Erasure.objects.all()]


@pytest.mark.parametrize("after", [False, True])
def test_an_archive_whose_worker_is_killed_while_saving_is_deleted(
    session: PracticeSession, audio_folder: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    export.request(session.user_id, now=NOW)
    build = lambda: export.build_due(lambda: NOW)  # noqa: E731
    killed(monkeypatch, storages["audio-local"], "save", after=after, work=build)
    assert [name for name in files(audio_folder) if name.endswith(".zip")] == [] or after
    audio_deletion.delete_due(LATER)
    assert [name for name in files(audio_folder) if name.endswith(".zip")] == []
    assert export.build_due(lambda: LATER) == 1
    assert len([name for name in files(audio_folder) if name.endswith(".zip")]) == 1


def test_an_erasure_is_confirmed_only_when_an_archive_that_was_being_saved_is_gone(
    session: PracticeSession, audio_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export.request(session.user_id, now=NOW)
    build = lambda: export.build_due(lambda: NOW)  # noqa: E731
    killed(monkeypatch, storages["audio-local"], "save", after=True, work=build)
    assert erasure.erase(session.pk, user_id=session.user_id, now=NOW)
    audio_deletion.delete_due(NOW + timedelta(minutes=10))
    erasure.confirm_done(NOW + timedelta(minutes=10))
    assert confirmed() == [False]
    audio_deletion.delete_due(LATER)
    erasure.confirm_done(LATER)
    assert (confirmed(), files(audio_folder)) == ([True], [])


def test_an_archive_finished_during_an_erasure_is_deleted_too(session: PracticeSession, audio_folder: Path) -> None:
    export.request(session.user_id, now=NOW)
    stale = list(Archive.objects.all())
    export.build_due(lambda: NOW)
    for archive in stale:
        export.drop(archive, now=NOW)
    audio_deletion.delete_due(NOW)
    assert [name for name in files(audio_folder) if name.endswith(".zip")] == []


@pytest.mark.parametrize("after", [False, True])
def test_a_recording_whose_move_was_killed_is_erased_in_both_stores(
    session: PracticeSession, audio_folder: Path, s3: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    audio_upload.upload_due(NOW)
    audio_upload.drop_local_copies(NOW + audio_upload.LOCAL_COPY_KEPT)
    move = lambda: moving_between_stores.move_all("s3", clock=lambda: NOW, progress=lambda pk: None)  # noqa: E731
    killed(monkeypatch, storages["audio-s3"], "save", after=after, work=move)
    assert len(files(s3)) == int(after)
    erasure.erase(session.pk, user_id=session.user_id, now=NOW)
    audio_deletion.delete_due(NOW)
    erasure.confirm_done(NOW)
    assert confirmed() == [False]
    audio_deletion.delete_due(LATER)
    erasure.confirm_done(LATER)
    assert (confirmed(), files(audio_folder)) == ([True], [])


def test_a_killed_move_starts_over_and_its_first_copy_is_deleted(
    session: PracticeSession, audio_folder: Path, s3: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio_upload.upload_due(NOW)
    audio_upload.drop_local_copies(NOW + audio_upload.LOCAL_COPY_KEPT)
    move = lambda: moving_between_stores.move_all("s3", clock=lambda: NOW, progress=lambda pk: None)  # noqa: E731
    killed(monkeypatch, storages["audio-s3"], "save", after=True, work=move)
    assert move() == (1, [])
    audio_deletion.delete_due(LATER)
    assert len(files(s3)) == 1
    assert len(files(audio_folder)) == 1  # s3 lies inside
    assert audio.read(Turn.objects.get().audio)


def test_a_recording_that_was_being_written_when_its_store_was_changed_leaves_no_copy_there(
    session: PracticeSession, audio_folder: Path, s3: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = lambda: audio_upload.upload_due(NOW)  # noqa: E731
    killed(monkeypatch, storages["audio-local"], "save", after=True, work=upload)
    monkeypatch.setattr(stores, "current", lambda: "s3")
    assert audio_upload.upload_due(LATER) == 1
    audio_deletion.delete_due(LATER)
    assert [path.relative_to(audio_folder).parts[0] for path in audio_folder.rglob("*.mp3")] == ["s3"]


def test_an_erasure_finds_a_recording_in_the_store_it_was_being_written_into(
    session: PracticeSession, audio_folder: Path, s3: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = lambda: audio_upload.upload_due(NOW)  # noqa: E731
    killed(monkeypatch, storages["audio-local"], "save", after=True, work=upload)
    monkeypatch.setattr(stores, "current", lambda: "s3")
    erasure.erase(session.pk, user_id=session.user_id, now=NOW)
    audio_deletion.delete_due(LATER)
    assert files(audio_folder) == []


def test_bytes_that_are_being_deleted_cannot_be_adopted(audio_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = audio.deposit(b"\xff\xf3 pulled", store="local", duration_ms=1, now=NOW)
    refused = []

    def meanwhile(*args: Any) -> None:
        with pytest.raises(audio.AudioLost), transaction.atomic():
            audio.adopt(recording)
        refused.append(True)

    monkeypatch.setattr(storages["audio-local"], "delete", meanwhile)
    audio_deletion.delete_due(LATER)
    assert refused == [True]
    assert not AudioFile.objects.exists()


def test_a_deletion_whose_worker_was_killed_is_retried(audio_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = copies.begin("local", "ab/cd/abcd.mp3", of="abcd", now=NOW)
    delete = lambda: audio_deletion.delete_due(LATER)  # noqa: E731
    killed(monkeypatch, storages["audio-local"], "delete", after=False, work=delete)
    with pytest.raises(copies.CopyGone):
        copies.keep(copy)
    assert audio_deletion.delete_due(LATER + timedelta(minutes=10)) == 1
    assert not AudioDeletion.objects.exists()


def test_a_deletion_refused_a_thousand_times_blocks_nobody(audio_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies.begin("local", "never", of="", now=NOW)
    copies.begin("local", "other", of="", now=NOW)
    AudioDeletion.objects.filter(key="never").update(attempts=5_000)
    really = storages["audio-local"].delete

    def refuse(key: str) -> None:
        if key == "never":
            raise ConnectionError
        really(key)

    monkeypatch.setattr(storages["audio-local"], "delete", refuse)
    assert audio_deletion.delete_due(LATER) == 1
    assert AudioDeletion.objects.get().next_attempt_at < LATER + timedelta(minutes=2)


def test_orphans_are_found_both_as_records_and_as_files(session: PracticeSession, audio_folder: Path) -> None:
    audio_upload.upload_due(NOW)
    Turn.objects.update(audio=None)
    store = stores.store("local")
    store.save("takeout/of-an-earlier-release.zip", ContentFile(b"everything that was said"))
    export.request(session.user_id, now=NOW)
    export.build_due(lambda: NOW)
    assert orphans.sweep(LATER + timedelta(minutes=1)) == 2
    audio_deletion.delete_due(LATER + timedelta(minutes=1))
    assert files(audio_folder) == [Archive.objects.get().key.split("/")[1]]
    assert orphans.sweep(LATER + timedelta(minutes=2)) == 0

"""Recordings move into LeanCloud and back intact."""

from datetime import UTC, datetime

import pytest

from coach.leancloud.client import LeanCloud
from coach.storage import audio, audio_deletion, audio_upload, moving_between_stores, stores
from coach.storage.models import AudioDeletion, AudioFile
from tests.fakes.leancloud import LeanCloudFake

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MP3 = b"\xff\xf3 spoken"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noted")]


def settled() -> AudioFile:
    recording = audio.keep(MP3, duration_ms=900, now=NOW)
    audio_upload.upload_due(NOW)
    audio_upload.drop_local_copies(NOW + audio_upload.LOCAL_COPY_KEPT)
    recording.refresh_from_db()
    return recording


def test_recordings_move_to_leancloud_and_back_and_leave_no_copy(lean: LeanCloud, fake: LeanCloudFake) -> None:
    recording = settled()
    old = recording.key
    assert moving_between_stores.move_all("leancloud", clock=lambda: NOW, progress=lambda pk: None) == (1, [])
    audio_deletion.delete_due(NOW)
    recording.refresh_from_db()
    assert recording.store == "leancloud"
    assert audio.read(recording) == MP3
    assert not stores.store("local").exists(old)
    assert moving_between_stores.move_all("leancloud", clock=lambda: NOW, progress=lambda pk: None) == (0, [])
    assert moving_between_stores.move_all("local", clock=lambda: NOW, progress=lambda pk: None) == (1, [])
    audio_deletion.delete_due(NOW)
    recording.refresh_from_db()
    assert audio.read(recording) == MP3
    assert fake.content == {}


def test_a_copy_that_differs_is_not_switched_to(lean: LeanCloud, fake: LeanCloudFake) -> None:
    recording = settled()
    AudioFile.objects.update(sha256="0" * 64)
    moved, problems = moving_between_stores.move_all("leancloud", clock=lambda: NOW, progress=lambda pk: None)
    assert moved == 0
    assert "CopyDiffers" in problems[0]
    recording.refresh_from_db()
    assert recording.store == "local"
    assert not AudioDeletion.objects.exists()


def test_a_store_that_is_down_ends_the_move_which_can_be_resumed(lean: LeanCloud, fake: LeanCloudFake) -> None:
    for _ in range(8):
        settled()
    fake.down = True
    moved, problems = moving_between_stores.move_all("leancloud", clock=lambda: NOW, progress=lambda pk: None)
    assert moved == 0
    assert [problem.split(": ")[1] for problem in problems] == ["LeanCloudUnavailable"] * 5
    fake.down = False
    assert moving_between_stores.move_all("leancloud", clock=lambda: NOW, progress=lambda pk: None) == (8, [])

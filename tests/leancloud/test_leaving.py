"""Once LeanCloud was left, as docs/operations.md says, nothing waits for it any more."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from coach.config import config
from coach.leancloud import outbox
from coach.leancloud.client import LeanCloud
from coach.leancloud.models import OutboxRow
from coach.leancloud.tasks import mirror_due
from coach.storage import audio_deletion
from coach.storage.models import AudioDeletion, AudioFile
from history import erasure
from practice.models import PracticeSession
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import LATER, CommandRun, exported
from tests.storage.cast import NOW

NEXT_TRY = LATER + timedelta(hours=1)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]


class Unset:
    """`LEAN_*` is unset, and LeanCloud has ended its service."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fake: LeanCloudFake) -> None:
        self._monkeypatch, self._fake = monkeypatch, fake

    def __call__(self) -> None:
        self._monkeypatch.setattr(type(config), "lean_configured", property(lambda self: False))
        self._fake.down = True

    def and_migrated(self) -> None:
        self()
        call_command("migrate", verbosity=0)


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch, fake: LeanCloudFake) -> Unset:
    return Unset(monkeypatch, fake)


def erase_pulled() -> None:
    erasure.erase("s1", user_id="pilot-user", now=NOW)
    audio_deletion.delete_due(LATER)


def test_an_erasure_of_a_pulled_session_is_confirmed(app: LeanCloudFake, tmp_path: Path, unset: Unset) -> None:
    CommandRun("pull", "--from-export", str(exported(app, tmp_path)))
    unset.and_migrated()
    erase_pulled()
    assert not AudioDeletion.objects.exists()
    assert erasure.confirm_done(LATER) == 1


def test_an_erasure_of_a_recording_that_could_not_be_fetched_from_leancloud_is_confirmed(
    app: LeanCloudFake, unset: Unset
) -> None:
    CommandRun("pull")
    AudioFile.objects.filter(turn="t1").update(store="leancloud", key=app.objects["Turn"]["t1"]["audioFileId"])
    unset.and_migrated()
    erase_pulled()
    assert not AudioDeletion.objects.exists()
    assert erasure.confirm_done(LATER) == 1


@pytest.mark.usefixtures("noted")
def test_an_erasure_that_leancloud_never_confirmed_is_confirmed(app: LeanCloudFake, unset: Unset) -> None:
    CommandRun("pull")
    app.down = True
    erase_pulled()
    assert erasure.confirm_done(LATER) == 0
    unset.and_migrated()
    mirror_due()
    audio_deletion.delete_due(NEXT_TRY)
    assert not OutboxRow.objects.exists()
    assert erasure.confirm_done(LATER) == 1


@pytest.mark.usefixtures("noted")
def test_a_worker_that_merely_lacks_its_settings_drops_nothing(
    app: LeanCloudFake, lean: LeanCloud, unset: Unset
) -> None:
    CommandRun("pull")
    unset()
    erase_pulled()
    mirror_due()
    assert AudioDeletion.objects.filter(store="leancloud").count() == 4
    assert erasure.confirm_done(LATER) == 0
    app.down = False
    audio_deletion.delete_due(NEXT_TRY)
    while outbox.deliver(lean, now=LATER).taken:
        pass
    assert not PracticeSession.objects.exists()
    assert (app.objects["Turn"], app.files) == ({}, {})
    assert erasure.confirm_done(LATER) == 1

"""A pull does not bring back what was erased here."""

from pathlib import Path

import pytest

from coach.leancloud.models import OutboxRow
from coach.storage import audio_deletion
from coach.storage.models import AudioFile
from history import erasure
from practice.models import PracticeSession, Turn
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import LATER, CommandRun, exported
from tests.storage.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]


def test_an_older_export_does_not_bring_back_an_erased_session(app: LeanCloudFake, tmp_path: Path) -> None:
    export = str(exported(app, tmp_path))
    CommandRun("pull", "--from-export", export)
    erasure.erase("s1", user_id="pilot-user", now=NOW)
    audio_deletion.delete_due(LATER)
    for extra in ((), ("--force",)):
        pulled = CommandRun("pull", "--from-export", export, *extra)
        assert pulled.status == 0
        assert "PracticeSession s1: was erased here, and stays so" in pulled.err
        assert not PracticeSession.objects.exists()
        assert not Turn.objects.exists()
        assert not AudioFile.objects.exists()


@pytest.mark.usefixtures("noted")
def test_a_pull_before_the_deletion_reaches_leancloud_does_not_bring_the_session_back(app: LeanCloudFake) -> None:
    CommandRun("pull")
    erasure.erase("s1", user_id="pilot-user", now=NOW)
    owed = OutboxRow.objects.count()
    assert owed == 6
    assert CommandRun("pull").status == 0
    assert not Turn.objects.exists()
    assert OutboxRow.objects.count() == owed

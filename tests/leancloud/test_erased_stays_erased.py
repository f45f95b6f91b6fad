"""What was erased here is not brought back by a pull."""

from pathlib import Path

import pytest

from coach.leancloud.models import OutboxRow
from coach.storage import audio_upload
from coach.storage.models import AudioFile
from history import erasure
from practice.models import PracticeSession, Turn
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import LATER, Told, exported
from tests.storage.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]


def test_a_session_that_was_erased_here_is_not_brought_back_by_an_export_of_before(
    app: LeanCloudFake, tmp_path: Path
) -> None:
    export = str(exported(app, tmp_path))
    Told("pull", "--from-export", export)
    erasure.erase("s1", user_id="pilot-user", now=NOW)
    audio_upload.delete_due(LATER)
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

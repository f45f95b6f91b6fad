"""Retention reaches LeanCloud too, however many attempts fail."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from coach.config import config
from coach.leancloud import outbox
from coach.leancloud.client import LeanCloud
from coach.leancloud.models import OutboxRow
from coach.leancloud.wire import LeanCloudUnavailable
from coach.storage import audio_deletion, audio_upload, moving_between_stores
from coach.storage.models import AudioDeletion
from history import erasure, retention
from history.models import Erasure
from practice.models import PracticeSession, Turn
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import LATER
from tests.storage.cast import NOW, spoken

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured", "noted")]

NIGHT = NOW + timedelta(days=31)


@pytest.fixture
def keep() -> Iterator[Any]:
    before = {name: config.__dict__.get(name) for name in ("retain_audio_days", "retain_sessions_days")}
    yield lambda **days: config.__dict__.update({f"retain_{kind}_days": each for kind, each in days.items()})
    config.__dict__.update(before)


@pytest.fixture
def there(session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake) -> Turn:
    """An old turn whose words and recording LeanCloud has."""
    turn = spoken(session)
    audio_upload.upload_due(NOW)
    audio_upload.drop_local_copies(NOW + audio_upload.LOCAL_COPY_KEPT)
    moving_between_stores.move_all("leancloud", clock=lambda: NOW, progress=lambda pk: None)
    audio_deletion.delete_due(NOW)
    deliver(lean)
    assert len(fake.content) == 1
    return turn


def deliver(lean: LeanCloud) -> None:
    while outbox.deliver(lean, now=LATER).taken:
        pass


def test_expired_recordings_are_deleted_and_their_words_stay(
    there: Turn, lean: LeanCloud, fake: LeanCloudFake, keep: Any
) -> None:
    keep(audio=30)
    assert retention.run_now(by="olga", clock=lambda: NIGHT).erased == {"recordings": 1}
    assert audio_deletion.delete_due(NIGHT) == 1
    deliver(lean)
    (turn,) = fake.objects["Turn"].values()
    assert (turn["transcript"], turn.get("audioFileId")) == ("We need to talk.", None)
    assert fake.content == {}


def test_expired_sessions_are_deleted_once_leancloud_is_back(
    there: Turn, lean: LeanCloud, fake: LeanCloudFake, keep: Any
) -> None:
    keep(sessions=30)
    fake.down = True
    assert retention.run_now(by="olga", clock=lambda: NIGHT).erased == {"sessions": 1}
    assert not PracticeSession.objects.exists()
    assert audio_deletion.delete_due(NIGHT) == 0
    with pytest.raises(LeanCloudUnavailable):
        outbox.deliver(lean, now=LATER)
    erasure.confirm_done(NIGHT)
    assert Erasure.objects.get().confirmed_at is None

    fake.down = False
    assert audio_deletion.delete_due(LATER) == 1
    deliver(lean)
    erasure.confirm_done(LATER)
    assert Erasure.objects.get().confirmed_at == LATER
    assert not fake.objects["PracticeSession"]
    assert not fake.objects["Turn"]
    assert fake.content == {}
    assert not OutboxRow.objects.exists()
    assert not AudioDeletion.objects.exists()

"""A pull or push that was killed, cut off or refused resumes where it stopped and leaves nothing half done."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coach.leancloud.client import LeanCloud
from coach.leancloud.models import RemoteObject
from coach.leancloud.push import push
from coach.leancloud.verify import differences
from coach.leancloud.wire import LeanCloudUnavailable
from coach.storage import audio, audio_deletion, audio_upload
from coach.storage.models import AudioFile
from evaluations.models import Evaluation
from practice.models import PracticeSession
from tests.audio import sounds
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.moving import a_conversation, clock, forget_everything, pull, pulled, pushed
from tests.storage.cast import spoken

pytestmark = pytest.mark.django_db


def test_an_interrupted_pull_resumes_where_it_stopped(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake
) -> None:
    a_conversation(session)
    pushed(lean)
    forget_everything()
    fake.fail_next(500, times=4, path="/scan/classes/Turn")
    counts, said = pulled(lean)
    assert said == ["Turn: cannot be read to its end (LeanCloud answers 500)"]
    assert [count.class_name for count in counts if count.unread] == ["Turn"]
    assert PracticeSession.objects.count() == 1
    assert Evaluation.objects.count() == 1
    pull(lean)
    assert list(differences(lean)) == []


def test_a_pull_ends_when_leancloud_is_unreachable(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake
) -> None:
    pushed(lean)
    fake.down = True
    with pytest.raises(LeanCloudUnavailable):
        pulled(lean)


def test_a_push_skips_a_recording_that_cannot_be_read_or_is_refused(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake, audio_folder: Path
) -> None:
    a_conversation(session)
    spoken(session, 3, sounds.mp3(0.6))
    audio_upload.upload_due(clock())
    audio_upload.drop_local_copies(clock() + audio_upload.LOCAL_COPY_KEPT)
    lost, refused, fine = AudioFile.objects.order_by("pk")
    (audio_folder / lost.key).unlink()
    fake.answer(f"/upload/{refused.pk[:2]}", status=403)
    said: list[str] = []
    left = push(lean, clock=clock, progress=lambda what, count: None, report=said.append)
    assert left == 2
    assert len(said) == 2
    assert f"recording {lost.pk}: cannot be read (AudioLost)" in said
    assert set(RemoteObject.objects.filter(class_name="_File").values_list("record_id", flat=True)) == {fine.pk}
    assert len(fake.objects["Turn"]) == 4


class Killed(BaseException):
    """Stands for SIGKILL: no code may catch it."""


def test_a_pull_killed_between_two_recordings_resumes_and_fetches_none_twice(
    session: PracticeSession,
    lean: LeanCloud,
    fake: LeanCloudFake,
    audio_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_conversation(session)
    pushed(lean)
    forget_everything()
    for recording in audio_folder.rglob("*.mp3"):
        recording.unlink()
    adopt, adopted = audio.adopt, []

    def killed_at_the_second(recording: AudioFile) -> None:
        if adopted:
            raise Killed
        adopted.append(recording)
        adopt(recording)

    with monkeypatch.context() as patch:
        patch.setattr(audio, "adopt", killed_at_the_second)
        with pytest.raises(Killed):
            pull(lean)
    tallies = pull(lean)
    assert sum(tally.recordings for tally in tallies) == 1
    assert AudioFile.objects.count() == 2
    assert list(differences(lean)) == []
    assert len(list(audio_folder.rglob("*.mp3"))) == 3, "the bytes that the killed pull had written are still there"
    audio_deletion.delete_due(datetime.now(UTC) + audio.UPLOAD_TAKES_AT_MOST * 2)
    left = {str(path.relative_to(audio_folder)) for path in audio_folder.rglob("*.mp3")}
    assert left == {recording.key for recording in AudioFile.objects.all()}


def test_a_recording_whose_claim_expired_while_it_was_stored_is_fetched_again(
    session: PracticeSession, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_conversation(session)
    pushed(lean)
    forget_everything()
    deposit = audio.deposit

    def outlasted(*args: Any, **options: Any) -> AudioFile:
        recording = deposit(*args, **options)
        audio_deletion.delete_due(datetime.now(UTC) + audio.UPLOAD_TAKES_AT_MOST * 2)
        return recording

    with monkeypatch.context() as patch:
        patch.setattr(audio, "deposit", outlasted)
        _, said = pulled(lean)
    assert [line.split(": ", 1)[1] for line in said] == ["its audio took too long to be stored; pull again"] * 2
    pull(lean)
    assert list(differences(lean)) == []


def test_a_push_killed_in_an_upload_leaves_no_file_without_its_bytes(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_conversation(session)

    def killed(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(lean, "_send_bytes", killed)
        with pytest.raises(Killed):
            pushed(lean)
    assert fake.files
    assert fake.content == {}
    assert pushed(lean) == 0
    assert list(differences(lean)) == []
    assert len(fake.files) == len(fake.content) == 2

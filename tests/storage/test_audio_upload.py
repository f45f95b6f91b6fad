"""Recordings are accepted into the database and uploaded to their store when it is up."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from django.core.files.storage import storages

from coach.storage import audio, audio_deletion, audio_upload, stores
from coach.storage.models import AudioDeletion, AudioFile
from coach.telemetry import names
from tests.telemetry.recording import recorded  # noqa: F401

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MP3 = b"\xff\xf3\x18\xc4" + bytes(200)

pytestmark = pytest.mark.django_db


@pytest.fixture
def store_is_down(monkeypatch: pytest.MonkeyPatch):
    """The store is down. `store_is_down()` brings it up; `store_is_down(False)` takes it down again."""
    backend = storages["audio-local"]
    really = {name: getattr(backend, name) for name in ("_save", "_open", "delete")}

    def fail(*args: object) -> None:
        raise ConnectionError("no route to store")

    def up(is_up: bool = True) -> None:
        for name, method in really.items():
            monkeypatch.setattr(backend, name, method if is_up else fail)

    up(False)
    return up


def kept(now: datetime = NOW) -> AudioFile:
    return audio.keep(MP3, duration_ms=900, now=now)


def test_a_recording_reads_the_same_before_and_after_its_upload() -> None:
    recording = kept()
    assert audio.read(recording) == MP3
    assert audio_upload.upload_due(NOW) == 1
    recording.refresh_from_db()
    assert (recording.store, recording.settled_at) == ("local", NOW)
    assert audio.read(recording) == MP3
    assert audio_upload.drop_local_copies(NOW + audio_upload.LOCAL_COPY_KEPT) == 1
    recording.refresh_from_db()
    assert recording.content is None
    assert audio.read(recording) == MP3


def test_a_fault_of_s3_is_named_by_the_services_own_code() -> None:
    refused = ClientError({"Error": {"Code": "SignatureDoesNotMatch", "Message": "about a key"}}, "PutObject")
    assert stores.fault(refused) == "ClientError SignatureDoesNotMatch"
    assert stores.fault(ConnectionError("somewhere")) == "ConnectionError"


def test_a_store_that_is_down_delays_uploads_and_loses_nothing(store_is_down) -> None:
    recording = kept()
    assert audio_upload.upload_due(NOW) == 0
    recording.refresh_from_db()
    assert audio.read(recording) == MP3
    assert (recording.attempts, recording.last_error) == (1, "ConnectionError")
    assert recording.next_attempt_at > NOW
    store_is_down()
    assert audio_upload.upload_due(NOW + timedelta(seconds=5)) == 1


def test_no_conversation_waits_for_the_store_of_its_recordings(store_is_down) -> None:
    recording = kept()
    store_is_down()
    audio_upload.upload_due(NOW)
    store_is_down(False)
    assert audio_upload.drop_local_copies(NOW + timedelta(minutes=15)) == 0
    recording.refresh_from_db()
    assert audio.read(recording) == MP3


def test_after_three_failures_a_store_is_not_tried_for_a_while(store_is_down) -> None:
    for _ in range(10):
        kept()
    audio_upload.upload_due(NOW)
    assert AudioFile.objects.filter(attempts=1).count() == 3


@pytest.mark.parametrize("attempts", [1_023, 1_024, 5_000, 2_000_000_000])
def test_a_deletion_refused_more_than_a_thousand_times_waits_a_minute_and_blocks_nobody(
    store_is_down, attempts: int
) -> None:
    AudioDeletion.objects.create(
        store="nowhere", key="a", created_at=NOW, next_attempt_at=NOW - timedelta(days=1), attempts=attempts
    )
    recording = kept()
    store_is_down()
    audio_upload.upload_due(NOW)
    audio.erase({recording.pk: ""}, now=NOW)
    assert audio_deletion.delete_due(NOW) == 1
    left = AudioDeletion.objects.get()
    assert (left.store, left.attempts) == ("nowhere", attempts + 1)
    assert timedelta(seconds=40) < left.next_attempt_at - NOW < timedelta(seconds=80)


def test_a_recording_whose_upload_failed_more_than_a_thousand_times_blocks_nobody(
    store_is_down, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_is_down()
    refused = kept(NOW - timedelta(days=1))
    AudioFile.objects.update(attempts=1_024)
    backend = stores.store("local")
    save = backend.save

    def refuses_one(name: str, content: object) -> str:
        if refused.pk in name:
            raise PermissionError(name)
        return save(name, content)

    monkeypatch.setattr(backend, "save", refuses_one)
    fine = kept()
    assert audio_upload.upload_due(NOW) == 1
    fine.refresh_from_db()
    refused.refresh_from_db()
    assert fine.store == "local"
    assert timedelta(seconds=40) < refused.next_attempt_at - NOW < timedelta(seconds=80)


def test_refused_deletions_never_delay_a_new_one(store_is_down, monkeypatch) -> None:
    long_ago = NOW - timedelta(days=1)
    AudioDeletion.objects.bulk_create(
        AudioDeletion(store="local", key=f"refused-{n}", created_at=NOW, next_attempt_at=long_ago, attempts=9)
        for n in range(300)
    )
    recording = kept()
    store_is_down()
    audio_upload.upload_due(NOW)
    audio.erase({recording.pk: ""}, now=NOW)
    backend = stores.store("local")
    delete = backend.delete

    def refuses_some(name: str) -> None:
        if name.startswith("refused"):
            raise PermissionError(name)
        delete(name)

    monkeypatch.setattr(backend, "delete", refuses_some)
    assert audio_deletion.delete_due(NOW) == 1
    assert not backend.exists(stores.key_for(recording.pk))


def test_an_erased_recording_is_gone_for_readers_at_once_and_then_from_the_store() -> None:
    recording = kept()
    audio_upload.upload_due(NOW)
    recording.refresh_from_db()
    backend = stores.store("local")
    assert backend.exists(recording.key)
    audio.erase({recording.pk: ""}, now=NOW)
    assert not AudioFile.objects.exists()
    assert audio_deletion.delete_due(NOW) == 1
    assert not backend.exists(recording.key)
    assert not AudioDeletion.objects.exists()


def test_a_deletion_waits_for_a_store_that_is_down(store_is_down) -> None:
    recording = kept()
    store_is_down()
    audio_upload.upload_due(NOW)
    store_is_down(False)
    audio.erase({recording.pk: ""}, now=NOW)
    assert audio_deletion.delete_due(NOW) == 0
    assert AudioDeletion.objects.get().attempts == 1
    store_is_down()
    assert audio_deletion.delete_due(NOW + timedelta(minutes=1)) == 1
    assert not AudioDeletion.objects.exists()


def test_a_recording_erased_during_its_upload_leaves_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = kept()
    backend = stores.store("local")
    save = backend.save

    def erased_meanwhile(*args: object) -> str:
        audio.erase({recording.pk: ""}, now=NOW)
        audio_deletion.delete_due(NOW)
        return save(*args)

    monkeypatch.setattr(backend, "save", erased_meanwhile)
    audio_upload.upload(recording, now=NOW)
    audio_deletion.delete_due(NOW)
    assert not backend.exists(stores.key_for(recording.pk))


def test_two_workers_never_upload_the_same_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = kept()
    backend = stores.store("local")
    save, met = backend.save, []

    def meanwhile(*args: object) -> str:
        met.append(audio_upload.upload_due(NOW + timedelta(minutes=1)))
        return save(*args)

    monkeypatch.setattr(backend, "save", meanwhile)
    assert audio_upload.upload_due(NOW) == 1
    assert met == [0]
    recording.refresh_from_db()
    assert audio.read(recording) == MP3


def test_a_recording_whose_worker_died_is_uploaded_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    kept()

    class Died(BaseException):
        pass

    def dies(*args: object) -> str:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(stores.store("local"), "save", dies)
        with pytest.raises(Died):
            audio_upload.upload_due(NOW)
    assert audio_upload.upload_due(NOW + timedelta(minutes=1)) == 0
    assert audio_upload.upload_due(NOW + timedelta(minutes=6)) == 1


def test_a_recording_that_its_store_lost_is_uploaded_again_before_the_local_copy_is_dropped() -> None:
    recording = kept()
    audio_upload.upload_due(NOW)
    stores.store("local").delete(stores.key_for(recording.pk))
    later = NOW + audio_upload.LOCAL_COPY_KEPT
    assert audio_upload.drop_local_copies(later) == 0
    assert audio_upload.upload_due(later) == 1
    assert audio_upload.drop_local_copies(later + audio_upload.LOCAL_COPY_KEPT) == 1
    recording.refresh_from_db()
    assert recording.content is None
    assert audio.read(recording) == MP3


def test_uploading_twice_keeps_one_copy() -> None:
    recording = kept()
    stale = AudioFile.objects.get(pk=recording.pk)
    audio_upload.upload(recording, now=NOW)
    audio_upload.upload(stale, now=NOW)
    recording.refresh_from_db()
    assert audio.read(recording) == MP3
    assert not AudioDeletion.objects.exists()


def test_an_erasure_waits_until_a_running_upload_must_have_ended() -> None:
    recording = kept()
    audio.erase({recording.pk: ""}, now=NOW)
    assert audio_deletion.delete_due(NOW + timedelta(minutes=4)) == 0
    assert audio_deletion.delete_due(NOW + timedelta(minutes=6)) == 1


def test_writes_reads_and_deletions_are_traced_with_their_store(recorded) -> None:  # noqa: F811
    recording = kept()
    audio_upload.upload_due(NOW)
    audio_upload.drop_local_copies(NOW + audio_upload.LOCAL_COPY_KEPT)
    recording.refresh_from_db()
    audio.read(recording)
    audio.erase({recording.pk: ""}, now=NOW)
    audio_deletion.delete_due(NOW)
    for name in (names.STORAGE_WRITE, names.STORAGE_READ, names.STORAGE_DELETE):
        (span,) = recorded.spans(name)
        assert (span.attributes[names.STORE], span.attributes[names.STATUS]) == ("local", names.OK)

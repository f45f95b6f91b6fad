"""Records past their retention are erased at night like any erasure; running sessions are not touched."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.management import call_command

from coach.config import config
from coach.model_use.models import ModelUse
from coach.storage import audio, audio_deletion, audio_upload, stores
from coach.storage.models import AudioDeletion, AudioFile
from history import retention
from history.models import Archive, ArchiveStatus, Erasure, RetentionRun, Visit
from practice.lifecycle import AsrStatus, Reason, SessionStatus, Speaker
from practice.models import PracticeSession, Scenario, Turn
from tests import cast
from tests.history.cast import past_session

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NAMES = ("audio", "sessions", "audit", "figures", "given_up")


@pytest.fixture(autouse=True)
def keep() -> Iterator[Any]:
    """`keep(kind=days)` sets retention; kinds without a number are kept for ever."""
    before = dict(config.__dict__)

    def days(**given: int) -> None:
        config.__dict__.update({f"retain_{name}_days": given.get(name) for name in NAMES})

    days()
    yield days
    config.__dict__.update({name: before.get(name) for name in before})


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario()


def ended(scenario: Scenario, days_ago: float, **given: Any) -> PracticeSession:
    return past_session(scenario, at=NOW - timedelta(days=days_ago), **given)


def recorded(session: PracticeSession, sequence: int = 1, **given: Any) -> Turn:
    recording = audio.keep(b"mp3", duration_ms=900, now=session.created_at)
    fields = {"speaker": Speaker.TRAINEE, "asr_status": AsrStatus.COMPLETED, "transcript": "I need a date."}
    return Turn.objects.create(
        session=session, sequence=sequence, audio=recording, created_at=session.created_at, **(fields | given)
    )


def run(now: datetime = NOW) -> dict[str, int]:
    return retention.run_now(by="olga", clock=lambda: now).erased


def test_without_a_setting_everything_is_kept_for_ever(scenario: Scenario) -> None:
    recorded(ended(scenario, 4_000))
    assert run() == {}
    assert AudioFile.objects.count() == 1


def test_expired_recordings_are_deleted_and_their_words_stay(scenario: Scenario, keep: Any) -> None:
    old, fresh = recorded(ended(scenario, 31)), recorded(ended(scenario, 29))
    keep(audio=30)
    assert run() == {"recordings": 1}
    old.refresh_from_db()
    assert (old.audio, old.transcript) == (None, "I need a date.")
    assert AudioFile.objects.get() == Turn.objects.get(pk=fresh.pk).audio


def test_the_bytes_in_the_store_are_deleted_with_them(scenario: Scenario, keep: Any) -> None:
    turn = recorded(ended(scenario, 31))
    audio_upload.upload_due(NOW)
    recording = AudioFile.objects.get(pk=turn.audio_id)
    keep(audio=30)
    run()
    assert stores.store(recording.store).exists(recording.key)
    assert audio_deletion.delete_due(NOW) == 1
    assert not stores.store(recording.store).exists(recording.key)
    assert not AudioDeletion.objects.exists()


def test_a_store_that_is_down_delays_deletion_there_but_the_recording_is_gone_for_readers(
    scenario: Scenario, keep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(ended(scenario, 31))
    audio_upload.upload_due(NOW)
    keep(audio=30)
    run()
    with monkeypatch.context() as broken:
        broken.setattr(type(stores.store("local")), "delete", lambda *_: (_ for _ in ()).throw(OSError("down")))
        assert audio_deletion.delete_due(NOW) == 0
    assert AudioDeletion.objects.get().attempts == 1
    assert audio_deletion.delete_due(NOW + timedelta(minutes=2)) == 1


def test_expired_sessions_are_erased_like_by_their_trainee(scenario: Scenario, keep: Any) -> None:
    old, other = ended(scenario, 366), ended(scenario, 366, user="somebody-else")
    recorded(old)
    Archive.objects.create(user_id=old.user_id, requested_at=NOW)
    fresh = ended(scenario, 364)
    keep(sessions=365)
    assert run() == {"sessions": 2}
    assert PracticeSession.objects.get() == fresh
    assert {each.session_id for each in Erasure.objects.all()} == {old.pk, other.pk}
    assert AudioDeletion.objects.filter(erasure=Erasure.objects.get(session_id=old.pk).pk).exists()
    assert not Archive.objects.exists()


def test_sessions_that_have_not_ended_are_not_touched(scenario: Scenario, keep: Any) -> None:
    before = ended(scenario, 400)
    running = ended(scenario, 400)
    PracticeSession.objects.filter(pk=running.pk).update(
        status=SessionStatus.ACTIVE, termination_reason="", ended_at=None, continues_from=before
    )
    recorded(before), recorded(running)
    keep(audio=1, sessions=1)
    assert run() == {}
    PracticeSession.objects.filter(pk=running.pk).update(
        status=SessionStatus.ENDED, termination_reason=Reason.MANUAL, ended_at=NOW
    )
    assert run() == {"recordings": 1, "sessions": 1}
    assert PracticeSession.objects.get() == running


def test_a_recording_that_awaits_transcription_is_kept(scenario: Scenario, keep: Any) -> None:
    recorded(ended(scenario, 31), asr_status=AsrStatus.PENDING, transcript=None)
    keep(audio=30)
    assert run() == {}


def test_figures_audit_log_and_given_up_jobs_have_settings_of_their_own(scenario: Scenario, keep: Any) -> None:
    session = ended(scenario, 5)
    long_ago = NOW - timedelta(days=500)
    for at in (long_ago, NOW):
        Visit.objects.create(session=session, step_count=1, opened_at=at, last_seen_at=at)
        ModelUse.objects.create(day=at.date(), endpoint="asr", model="m", outcome="ok", last_at=at)
        Archive.objects.create(user_id="u", requested_at=at, status=ArchiveStatus.FAILED)
    LogEntry.objects.update(timestamp=NOW)
    kept = LogEntry.objects.count()
    LogEntry.objects.filter(pk=LogEntry.objects.earliest("pk").pk).update(timestamp=long_ago)
    keep(figures=400, audit=400, given_up=400)
    assert run() == {"exports": 1, "audit": 1, "visits": 1, "model use": 1}
    assert (Visit.objects.count(), ModelUse.objects.count(), Archive.objects.count()) == (1, 1, 1)
    assert LogEntry.objects.count() == kept - 1


def test_many_records_are_deleted_in_batches(scenario: Scenario, keep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        ended(scenario, 40 + number)
    keep(sessions=30)
    assert run() == {"sessions": 5}


class TestAtNight:
    def test_it_runs_once_a_night_and_is_recorded(self, scenario: Scenario, keep: Any) -> None:
        ended(scenario, 40)
        keep(sessions=30)
        assert retention.nightly(NIGHT.replace(hour=2)) is None
        assert retention.nightly(NIGHT) is not None
        assert retention.nightly(NIGHT + timedelta(hours=1)) is None
        written = RetentionRun.objects.get()
        assert (written.night, written.by, written.erased) == (NIGHT.date(), "", {"sessions": 1})
        assert written.finished_at is not None

    def test_an_interrupted_run_is_resumed(self, scenario: Scenario, keep: Any) -> None:
        ended(scenario, 40)
        keep(sessions=30)
        RetentionRun.objects.create(night=NIGHT.date(), started_at=NIGHT, claimed_until=NIGHT + timedelta(minutes=10))
        assert retention.nightly(NIGHT + timedelta(minutes=5)) is None
        assert PracticeSession.objects.exists()
        retention.nightly(NIGHT + timedelta(minutes=15))
        assert RetentionRun.objects.get().erased == {"sessions": 1}


class TestThePreview:
    def test_counts_what_would_be_erased_and_erases_nothing(self, scenario: Scenario, keep: Any) -> None:
        recorded(ended(scenario, 40))
        keep(sessions=30, audio=30)
        found = {each.kind.name: (each.days, each.count) for each in retention.preview(NOW)}
        assert found["sessions"] == found["recordings"] == (30, 1)
        assert found["audit"] == (None, 0)
        assert PracticeSession.objects.exists()

    def test_the_command_lists_and_erases_only_when_told_to(self, scenario: Scenario, keep: Any) -> None:
        past_session(scenario, at=datetime(2020, 1, 1, tzinfo=UTC))
        keep(sessions=30)
        said = StringIO()
        call_command("retention", stdout=said)
        assert "sessions: kept 30 days (RETAIN_SESSIONS_DAYS), 1 due since 2020-01-01" in said.getvalue()
        assert "Nothing was erased" in said.getvalue()
        call_command("retention", erase=True, stdout=said)
        assert "sessions: 1 erased" in said.getvalue()
        assert "(command)" in RetentionRun.objects.get().by or RetentionRun.objects.get().by == "command"

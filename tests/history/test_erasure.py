"""An erased session is gone for every reader at once; the erasure is done when every store has confirmed it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import storages

from coach.storage import audio, audio_deletion, audio_upload
from coach.storage.models import AudioDeletion, AudioFile
from history import erasure, visits
from history.models import Erasure, Visit
from practice.lifecycle import AsrStatus, Reason, SessionStatus, Speaker
from practice.models import PracticeSession, Scenario, Turn

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return Scenario.objects.create(external_id="late", title="Deadlines keep slipping", category="work")


def session_of(scenario: Scenario, user: str = "alex") -> PracticeSession:
    session = PracticeSession.objects.create(
        user_id=user,
        scenario=scenario,
        scenario_title=scenario.title,
        brief={},
        language="en",
        status=SessionStatus.ENDED,
        termination_reason=Reason.MANUAL,
        client_session_started_at=NOW,
        created_at=NOW,
        started_at=NOW,
        ended_at=NOW,
        sorted_at=NOW,
        idle_limit_seconds=8,
        duration_limit_seconds=300,
        duration_deadline=NOW,
    )
    Turn.objects.create(
        session=session,
        sequence=1,
        speaker=Speaker.TRAINEE,
        asr_status=AsrStatus.COMPLETED,
        audio=audio.keep(b"\xff\xf3 spoken", duration_ms=900, now=NOW),
        created_at=NOW,
    )
    return session


def test_nothing_of_an_erased_session_is_left_and_the_erasure_is_confirmed(
    scenario: Scenario, django_capture_on_commit_callbacks
) -> None:
    session, other = session_of(scenario), session_of(scenario)
    audio_upload.upload_due(NOW)
    with django_capture_on_commit_callbacks() as announced:
        assert erasure.erase(session.pk, user_id="alex", now=NOW)
    assert len(announced) == 1
    assert list(PracticeSession.objects.all()) == [other]
    assert Turn.objects.count() == AudioFile.objects.count() == 1
    assert erasure.confirm_done(NOW) == 0
    audio_deletion.delete_due(NOW)
    assert erasure.confirm_done(LATER) == 1
    assert Erasure.objects.get().confirmed_at == LATER


def test_a_store_that_is_down_delays_deletion_there_but_readers_see_nothing_at_once(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of(scenario)
    audio_upload.upload_due(NOW)
    key = AudioFile.objects.get().key
    backend = storages["audio-local"]
    delete, failures = backend.delete, iter([ConnectionError("down")] * 3)

    def flaky(name: str) -> None:
        for failure in failures:
            raise failure
        delete(name)

    monkeypatch.setattr(backend, "delete", flaky)
    erasure.erase(session.pk, user_id="alex", now=NOW)
    moment = NOW
    for attempt in (1, 2, 3):
        audio_deletion.delete_due(moment)
        assert AudioDeletion.objects.get().attempts == attempt
        assert [open_one.session_id for open_one in erasure.outstanding()] == [session.pk]
        moment += timedelta(minutes=10)
    audio_deletion.delete_due(moment)
    assert not backend.exists(key)
    assert erasure.confirm_done(moment) == 1


def test_another_trainees_session_cannot_be_erased(scenario: Scenario) -> None:
    session = session_of(scenario, user="sam")
    assert erasure.erase(session.pk, user_id="alex", now=NOW) is None
    assert PracticeSession.objects.filter(pk=session.pk).exists()


def test_a_second_erasure_of_a_session_is_404(scenario: Scenario) -> None:
    session = session_of(scenario)
    assert erasure.erase(session.pk, user_id="alex", now=NOW)
    assert erasure.erase(session.pk, user_id="alex", now=NOW) is None
    assert Erasure.objects.count() == 1


def test_everything_of_a_trainee_can_be_erased_at_once(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "BATCH", 2)
    for _ in range(5):
        session_of(scenario)
    other = session_of(scenario, user="sam")
    assert erasure.erase_all(user_id="alex", now=NOW) == 5
    assert list(PracticeSession.objects.all()) == [other]


def test_polling_extends_the_visit_that_opening_the_session_began(scenario: Scenario) -> None:
    session = session_of(scenario)
    for seconds in (0, 20, 70, 125):
        visits.record(session, step_count=2, now=NOW + timedelta(seconds=seconds))
    assert Visit.objects.count() == 1
    visits.record(session, step_count=3, now=NOW + timedelta(seconds=126))
    visits.record(session, step_count=2, now=NOW + timedelta(hours=1))
    assert Visit.objects.count() == 3


def test_a_session_that_has_not_ended_counts_no_visits(scenario: Scenario) -> None:
    session = session_of(scenario)
    session.status = SessionStatus.ACTIVE
    assert visits.record(session, step_count=1, now=NOW) is None
    assert not Visit.objects.exists()

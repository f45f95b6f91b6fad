"""The operators' page: what was promised, against what was kept; and what is stuck."""

from datetime import timedelta

import pytest
from django.utils import timezone

from coach.storage.models import AudioDeletion, AudioFile
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import Evaluation
from history import operations_report
from history.models import Visit
from practice.lifecycle import AsrStatus, Reason, ReplyStatus, SessionStatus, Speaker
from practice.models import Turn
from tests.admin.conftest import practise

PAGE = "/admin/practice/practicesession/operations/"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def ended(published, now):
    """Makes sessions that ended `ago`."""

    def make(ago=timedelta(hours=1), **values):
        fields = {
            "status": SessionStatus.ENDED,
            "termination_reason": Reason.MANUAL,
            "started_at": now - ago - timedelta(minutes=3),
            "ended_at": now - ago,
        }
        return practise(published, **(fields | values))

    return make


def criterion(code, now, days=7):
    return next(each for each in operations_report.criteria(now=now, days=days) if each.code == code)


def counted(code, now, days=7):
    found = criterion(code, now, days)
    return found.kept, found.of


class TestSC001:
    def said(self, session, sequence, **values):
        fields = {"session": session, "sequence": sequence, "created_at": session.created_at}
        ai = {"speaker": Speaker.AI, "reply_status": ReplyStatus.COMPLETE}
        you = {"speaker": Speaker.TRAINEE, "asr_status": AsrStatus.FAILED}
        return Turn.objects.create(**(fields | (you if sequence % 2 else ai) | values))

    def test_counts_ended_sessions_with_every_turn_saved(self, ended, now):
        self.said(ended(), 0, transcript="Hello.")

        assert counted("SC-001", now) == (1, 1)

    def test_a_turn_with_neither_words_nor_recording_is_a_loss(self, ended, now):
        self.said(ended(), 1, transcript=None)

        assert counted("SC-001", now) == (0, 1)

    def test_a_recording_without_words_is_saved(self, ended, now):
        audio = AudioFile.objects.create(content=b"x", sha256="", size_bytes=1, duration_ms=1, created_at=now)
        self.said(ended(), 1, audio=audio)

        assert counted("SC-001", now) == (1, 1)

    def test_a_reply_that_was_given_up_was_never_said(self, ended, now):
        self.said(ended(termination_reason=Reason.QA_ERROR), 0, reply_status=ReplyStatus.FAILED)

        assert counted("SC-001", now) == (1, 1)

    def test_one_that_runs_is_not_due_and_one_that_should_have_ended_is(self, published, now):
        running = {"status": SessionStatus.ACTIVE, "started_at": now - timedelta(minutes=1)}
        practise(published, **running, duration_deadline=now + timedelta(minutes=4))
        assert counted("SC-001", now) == (0, 0)

        practise(published, **running, duration_deadline=now - timedelta(minutes=1))
        assert counted("SC-001", now) == (0, 1)


def test_sc_002_counts_ends_within_two_seconds(ended, now):
    ended(termination_latency_ms=2_000)
    ended(termination_latency_ms=2_001)
    ended(termination_latency_ms=None)

    assert counted("SC-002", now) == (1, 2)


def test_sc_003_runs_from_the_end_to_the_evaluation(ended, now):
    def evaluation(session, **values):
        return Evaluation.objects.create(session=session, queued_at=session.ended_at, **values)

    done = {"status": EvaluationStatus.COMPLETED, "summary": "."}
    quick, slow, failed, late, fresh = ended(), ended(), ended(), ended(), ended(ago=timedelta(seconds=30))
    evaluation(quick, **done, completed_at=quick.ended_at + timedelta(seconds=60))
    evaluation(slow, **done, completed_at=slow.ended_at + timedelta(seconds=61))
    evaluation(failed, status=EvaluationStatus.FAILED, last_error="x")
    evaluation(late, next_attempt_at=now)
    evaluation(fresh, next_attempt_at=now)

    assert counted("SC-003", now) == (1, 4)


def test_sc_004_counts_steps(ended, now):
    session = ended()
    for steps in (1, 2, 3):
        Visit.objects.create(session=session, step_count=steps, opened_at=now, last_seen_at=now)

    assert counted("SC-004", now) == (2, 3)


def test_a_period_leaves_out_what_was_before(ended, now):
    ended(ago=timedelta(days=2), termination_latency_ms=5)

    assert counted("SC-002", now, days=1) == (0, 0)
    assert counted("SC-002", now, days=7) == (1, 1)


class TestThePage:
    def test_says_kept_missed_or_nothing_yet(self, operator, ended, now):
        ended(termination_latency_ms=9_000)

        html = operator.get(PAGE).content.decode()

        assert "SC-002" in html
        assert "0.0 %" in html
        assert "missed" in html
        assert "few, so read it lightly" in html
        assert "nothing to count yet" in html

    def test_shows_places_in_use(self, operator, published, now, settings):
        practise(published, status=SessionStatus.ACTIVE, started_at=now, duration_deadline=now + timedelta(minutes=5))
        practise(published)

        response = operator.get(PAGE)

        places = response.context["places"]
        assert (places.active, places.waiting) == (1, 1)
        assert f"1 / {places.active_max}" in response.content.decode()

    def test_names_what_is_stuck_and_leads_to_it(self, operator, ended, now):
        session = ended()
        Evaluation.objects.create(
            session=session, queued_at=now, status=EvaluationStatus.FAILED, last_error="Out of tokens."
        )
        AudioDeletion.objects.create(
            store="s3", key="k", created_at=now, next_attempt_at=now, attempts=2, last_error="503 from the store"
        )

        html = operator.get(PAGE).content.decode()

        assert "Out of tokens." in html
        assert "503 from the store" in html
        assert f"/admin/practice/practicesession/{session.pk}/change/" in html

    def test_an_unknown_period_is_a_week(self, operator, db):
        for days in ("0", "x", "9999999999999999"):
            assert operator.get(f"{PAGE}?days={days}").context["days"] == 7

    def test_is_for_operators(self, desk):
        assert desk.get(PAGE).status_code == 403

    def test_is_found_from_the_first_page(self, operator, db):
        assert PAGE in operator.get("/admin/").content.decode()

"""The operators' page: success criteria, stuck jobs, and the buttons that act on them."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from html import unescape

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from pydantic import SecretStr

from coach.config import config, model_prices
from coach.model_use import totals
from coach.providers.model_calls import ModelCall
from coach.providers.ports import Usage
from coach.storage.models import AudioDeletion, AudioFile
from coach.workers import heartbeats
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import Evaluation
from history.models import Archive, ArchiveStatus, Visit
from history.operator_reports import success_criteria
from practice.lifecycle import AsrStatus, Reason, ReplyStatus, SessionStatus, Speaker
from practice.models import Turn
from tests.admin.catalog_pages import practise

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
    return next(each for each in success_criteria.criteria(now=now, days=days) if each.code == code)


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

    def test_a_line_without_words_that_a_redo_has_from_its_original_is_no_loss(self, ended, now):
        session = ended(continues_at=3)
        self.said(session, 1, asr_status=None, transcript="")

        assert counted("SC-001", now) == (1, 1)

        self.said(session, 3, transcript=None)

        assert counted("SC-001", now) == (0, 1)

    def test_a_recording_without_words_is_saved(self, ended, now):
        audio = AudioFile.objects.create(content=b"x", sha256="", size_bytes=1, duration_ms=1, created_at=now)
        self.said(ended(), 1, audio=audio)

        assert counted("SC-001", now) == (1, 1)

    def test_a_reply_that_was_given_up_does_not_count(self, ended, now):
        self.said(ended(termination_reason=Reason.QA_ERROR), 0, reply_status=ReplyStatus.FAILED)

        assert counted("SC-001", now) == (1, 1)

    def test_a_running_session_is_not_counted_until_it_is_overdue(self, published, now):
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


def test_sc_003_measures_from_the_end_to_the_evaluation(ended, now):
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


def test_a_period_leaves_out_earlier_sessions(ended, now):
    ended(ago=timedelta(days=2), termination_latency_ms=5)

    assert counted("SC-002", now, days=1) == (0, 0)
    assert counted("SC-002", now, days=7) == (1, 1)


class TestThePage:
    def test_shows_met_missed_or_no_data(self, operator, ended, now):
        ended(termination_latency_ms=9_000)

        html = operator.get(PAGE).content.decode()

        assert "SC-002" in html
        assert "0.0 %" in html
        assert "missed" in html
        assert "small sample" in html
        assert "nothing to count yet" in html

    def test_shows_places_in_use(self, operator, published, now, settings):
        practise(published, status=SessionStatus.ACTIVE, started_at=now, duration_deadline=now + timedelta(minutes=5))
        practise(published)

        response = operator.get(PAGE)

        places = response.context["places"]
        assert (places.active, places.waiting) == (1, 1)
        assert f"1 / {places.active_max}" in response.content.decode()

    def test_lists_stuck_jobs_with_links(self, operator, ended, now):
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

    def test_is_for_operators(self, curator):
        assert curator.get(PAGE).status_code == 403

    def test_is_linked_from_the_admin_home(self, operator, db):
        assert PAGE in operator.get("/admin/").content.decode()


class TestActing:
    """Buttons retry a job or give it up: who may press them, and what the audit log says."""

    ACT = f"{PAGE}act/"

    @pytest.fixture
    def failed(self, ended, now):
        return Evaluation.objects.create(
            session=ended(), queued_at=now, status=EvaluationStatus.FAILED, last_error="Out of tokens."
        )

    def acted(self, client, kind, act, key):
        return client.post(self.ACT, {"kind": kind, "act": act, "key": key, "days": 30}, follow=True)

    def test_a_failed_evaluation_is_named_by_its_scenario_and_retried(self, operator, failed):
        page = operator.get(PAGE).content.decode()
        assert f"Retry: {failed.session.scenario_title}" in page

        answer = self.acted(operator, "evaluations-failed", "retry", failed.pk)

        failed.refresh_from_db()
        assert failed.status == EvaluationStatus.PENDING
        assert "Retrying now." in answer.content.decode()
        assert answer.redirect_chain[-1][0] == f"{PAGE}?days=30", "at the top, where the message is"
        entry = LogEntry.objects.get(object_repr=f"evaluations-failed: {failed.pk}")
        assert (entry.actor.username, entry.changes) == ("otto", {"job": ["evaluations-failed", "retry"]})

    def test_all_failed_jobs_of_the_period_are_retried_together(self, operator, failed, ended, now):
        def another(days_ago):
            at = now - timedelta(days=days_ago)
            return Evaluation.objects.create(
                session=ended(), queued_at=at, status=EvaluationStatus.FAILED, last_error="x"
            )

        recent, old = another(2), another(40)
        assert operator.get(f"{PAGE}?days=1").context["troubles"][0].count == 1
        page = operator.get(f"{PAGE}?days=30")
        assert page.context["troubles"][0].count == 2
        assert "Retry all: Evaluations that failed" in page.content.decode()

        answer = self.acted(operator, "evaluations-failed", "retry_all", "")

        assert "Retrying 2 jobs now." in answer.content.decode()
        states = dict(Evaluation.objects.values_list("pk", "status"))
        assert states == {failed.pk: "pending", recent.pk: "pending", old.pk: "failed"}
        entry = LogEntry.objects.get(object_repr="evaluations-failed: 2")
        assert entry.changes == {"job": ["evaluations-failed", "retry_all"]}

    def test_a_job_that_is_being_retried_can_be_given_up(self, operator, ended, now):
        waiting = Evaluation.objects.create(
            session=ended(), queued_at=now, next_attempt_at=now + timedelta(hours=1), last_error="Busy."
        )

        self.acted(operator, "evaluations-retried", "give_up", waiting.pk)

        waiting.refresh_from_db()
        assert (waiting.status, waiting.last_error) == (EvaluationStatus.FAILED, "Given up by an operator.")

    def test_transcriptions_exports_uploads_and_deletions_can_be_acted_on_too(self, operator, ended, now):
        session = ended()
        said = {"session": session, "speaker": Speaker.TRAINEE, "created_at": now}
        unheard = Turn.objects.create(sequence=1, asr_status=AsrStatus.FAILED, **said)
        retried = Turn.objects.create(
            sequence=3, asr_status=AsrStatus.PENDING, asr_attempts=1, asr_next_attempt_at=now, **said
        )
        later = now + timedelta(hours=1)
        upload = AudioFile.objects.create(
            content=b"x",
            sha256="",
            size_bytes=1,
            duration_ms=1,
            created_at=now,
            next_attempt_at=later,
            last_error="503",
        )
        owed = AudioDeletion.objects.create(
            store="s3", key="k", created_at=now, next_attempt_at=later, attempts=2, last_error="503"
        )
        export = Archive.objects.create(user_id="u", requested_at=now, attempts=2)

        for kind, act, row in (
            ("transcriptions-failed", "retry", unheard),
            ("transcriptions-retried", "give_up", retried),
            ("recordings-unsettled", "retry", upload),
            ("deletions-owed", "retry", owed),
            ("exports-retried", "give_up", export),
        ):
            self.acted(operator, kind, act, row.pk)
            row.refresh_from_db()

        assert (unheard.asr_status, retried.asr_status) == (AsrStatus.PENDING, AsrStatus.FAILED)
        assert max(upload.next_attempt_at, owed.next_attempt_at) < later
        assert export.status == ArchiveStatus.FAILED
        assert LogEntry.objects.filter(changes__has_key="job").count() == 5

    @pytest.mark.parametrize(
        ("kind", "act", "key"),
        [
            ("evaluations-failed", "give_up", "x"),
            ("deletions-owed", "retry", "no number"),
            ("deletions-owed", "retry", "9" * 30),
            ("no-such-kind", "retry", "x"),
            ("evaluations-failed", "retry", "\0"),
            ("replies-given-up", "retry", "x"),
            ("replies-given-up", "retry_all", ""),
            ("evaluations-failed", "retry_all", ""),
        ],
    )
    def test_an_action_that_does_not_apply_changes_nothing_and_says_so(self, operator, db, kind, act, key):
        answer = self.acted(operator, kind, act, key)
        assert "Nothing was changed" in answer.content.decode()
        assert not LogEntry.objects.filter(changes__has_key="job").exists()

    def test_actions_need_permission_and_a_post(self, operator, curator, failed):
        assert operator.get(self.ACT).status_code == 405
        assert (
            curator.post(self.ACT, {"kind": "evaluations-failed", "act": "retry", "key": failed.pk}).status_code == 403
        )
        watcher = User.objects.create_user("wanda", is_staff=True)
        watcher.user_permissions.add(Permission.objects.get(codename="view_erasure"))
        curator.force_login(watcher)
        page = curator.get(PAGE)
        assert page.status_code == 200
        assert "Retry:" not in page.content.decode()
        assert (
            curator.post(self.ACT, {"kind": "evaluations-failed", "act": "retry", "key": failed.pk}).status_code == 403
        )
        careful = Client(enforce_csrf_checks=True)
        careful.force_login(User.objects.get(username="otto"))
        assert careful.post(self.ACT, {"kind": "evaluations-failed", "act": "retry"}).status_code == 403


def test_the_page_shows_costs_retiring_models_retention_and_health(operator, ended, now, monkeypatch):
    monkeypatch.setattr(heartbeats, "server", partial(heartbeats.server, "redis://127.0.0.1:9"))
    session = ended()
    given = {
        "daily_cost_ceiling": Decimal(1),
        "model_prices": model_prices.read("gpt-5-mini=0/1"),
        "chatai_api_key": SecretStr("sk"),
        "retain_sessions_days": 365,
    }
    for name, value in given.items():
        monkeypatch.setitem(config.__dict__, name, value)
    call = ModelCall("evaluator", config.evaluator, session_id=session.pk, usage=Usage("gpt-5-mini", 5, 1_500_000))
    totals.add(call, now=now)

    html = operator.get(PAGE).content.decode()

    assert "The ceiling is reached: no new session starts today." in html
    assert "1.50" in html
    assert "gpt-5-mini ends on 11 Dec 2026." in html
    assert "change CHATAI_API_MODEL" in html
    assert "365 days" in html
    assert "free of" in html
    assert "Redis isn't responding, so this is unknown." in unescape(html)
    parts = operator.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in parts
    assert "The ceiling is reached" in parts

"""Curators find, read and hear sessions and queue evaluations again; operators erase sessions for good."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coach import clock
from coach.storage import audio, audio_upload, stores
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import Dispute, Evaluation, SkillScore
from history.admin.disputes import mark_of
from history.models import Erasure
from practice.lifecycle import AsrStatus, Reason, ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Turn
from tests.admin.catalog_pages import page_messages, practise

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SESSIONS = "/admin/practice/practicesession/"


@pytest.fixture
def session(published):
    """A short talk that was stopped, with a recording and a failed evaluation."""
    session = practise(
        published,
        brief={"aiPersona": {"name": "Sam"}, "traineePersona": {"name": "Jordan"}},
        status=SessionStatus.ENDED,
        termination_reason=Reason.MANUAL,
        created_at=NOON,
        started_at=NOON,
        sorted_at=NOON,
        ended_at=NOON + timedelta(minutes=3, seconds=5),
    )
    Turn.objects.create(
        session=session,
        sequence=0,
        speaker=Speaker.AI,
        reply_status=ReplyStatus.COMPLETE,
        transcript="What is this about?",
        created_at=NOON,
    )
    Turn.objects.create(
        session=session,
        sequence=1,
        speaker=Speaker.TRAINEE,
        asr_status=AsrStatus.COMPLETED,
        transcript="The report <was> late.",
        audio=audio.keep(b"mp3 bytes", duration_ms=900, now=NOON),
        created_at=NOON,
    )
    Evaluation.objects.create(
        session=session,
        status=EvaluationStatus.FAILED,
        queued_at=NOON,
        attempts=3,
        tries_in_a_row=3,
        last_error="The evaluator was unavailable.",
    )
    return session


def page(session, view="change"):
    return f"{SESSIONS}{session.pk}/{view}/"


def recording(session):
    return page(session, f"audio/{session.turns.get(sequence=1).pk}")


class TestACurator:
    def test_hears_the_whole_talk_in_one_player(self, curator, session):
        html = curator.get(page(session)).content.decode()
        assert (html.count("<audio"), html.count("data-hear")) == (1, session.turns.exclude(audio=None).count())

    def test_reads_what_was_said_by_whom_and_how_it_ended(self, curator, session):
        html = curator.get(page(session)).content.decode()

        assert "Sam" in html
        assert "Jordan" in html
        assert "The report &lt;was&gt; late." in html
        assert "Stopped by the trainee" in html
        assert "The evaluator was unavailable." in html

    def test_sees_how_each_turn_changed_trust(self, curator, session):
        assert "How trust moved" not in curator.get(page(session)).content.decode()
        brief = {
            "manner": "Short.",
            "reactions": [
                {"key": "late", "when": "hears the <dates>", "heard": ["It was late."], "says": ["Yes."], "trust": 1},
                {"key": "insult", "when": "is insulted", "heard": ["You fool."], "says": ["Hey."], "trust": -2},
                {"key": "leaves", "when": "trust falls to -3", "says": ["I am off."], "ends": "failed"},
            ],
            "holdsOn": ["Hm."],
        }
        PracticeSession.objects.filter(pk=session.pk).update(role_brief=brief)
        empty = curator.get(page(session)).content.decode()
        assert "Nothing has moved it yet." in empty
        moves = [(2, 1, {"late": [1]}, {"1": 1}, ""), (4, -1, {"late": [1], "insult": [3]}, {"1": 1}, "leaves")]
        for sequence, trust, happened, met, ended in moves:
            state = {"trust": trust, "happened": happened, "met": met, "ended": ended, "said": []}
            Turn.objects.create(
                session=session,
                sequence=sequence,
                speaker=Speaker.AI,
                reply_status=ReplyStatus.COMPLETE,
                transcript="Hm.",
                role_state=state | {"difficulty": "realistic"},
                created_at=NOON,
            )

        table = curator.get(page(session)).content.decode().partition("trust-table")[2].partition("</table>")[0]

        assert "Sam began at 0" in table
        assert "Sam ended the talk." in table
        rows = [
            [
                unescape(re.sub(r"<[^>]+>", "", cell)).strip()
                for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)
            ]
            for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)[1:]
        ]
        assert rows == [
            ["1", "hears the <dates>", "+1", "1", "1"],
            ["3", "is insulted", "−2", "−1", "–"],
        ]

    def test_hears_a_turn_also_from_the_middle(self, curator, session):
        whole = curator.get(recording(session))
        part = curator.get(recording(session), headers={"Range": "bytes=4-"})

        assert (whole.status_code, whole["Content-Type"], whole.content) == (200, "audio/mpeg", b"mp3 bytes")
        assert (part.status_code, part.content) == (206, b"bytes")

    def test_is_told_to_ask_again_while_the_store_of_recordings_is_away(self, curator, session, monkeypatch):
        def away(*_):
            raise ConnectionError("the store is down")

        audio_upload.upload_due(NOON)
        audio_upload.drop_local_copies(clock.now())
        monkeypatch.setattr(type(stores.store("local")), "open", away)
        answers = [curator.get(recording(session)), curator.head(recording(session))]

        assert [(answer.status_code, answer["Retry-After"]) for answer in answers] == [(503, "5")] * 2
        assert "The recording cannot be read at the moment." in answers[0].content.decode()

    def test_reads_scores_with_their_quotes(self, curator, session):
        Evaluation.objects.update(
            status=EvaluationStatus.COMPLETED, completed_at=NOON, last_error="", summary="You were clear."
        )
        score = SkillScore.objects.create(
            evaluation=session.evaluation,
            position=1,
            skill_id="x",
            name="Listening",
            rubric="",
            rating=4,
            note="Good question.",
            without_evidence=False,
        )
        score.evidence.create(position=1, sequence=1, quote="The report")

        html = curator.get(page(session)).content.decode()

        assert "Listening" in html
        assert "4 / 5" in html
        assert "“The report”" in html
        assert 'href="#turn-1"' in html

    def test_overrules_a_dispute_with_a_reason(self, curator, session):
        Evaluation.objects.filter(session=session).update(
            status="completed", completed_at=session.ended_at, summary="A talk.", last_error=""
        )
        evaluation = Evaluation.objects.get(session=session)
        dispute = Dispute.objects.create(
            evaluation=evaluation,
            skill_id="s",
            key="asks",
            answer="notShown",
            reason="I did ask.",
            created_at=session.ended_at,
        )
        assert "I did ask." in curator.get(page(session)).content.decode()
        address = page(session, f"disputes/{dispute.pk}")

        listed = {name: f"{SESSIONS}?disputes={name}" for name in ("open", "any")}
        assert all(session.pk in curator.get(address).content.decode() for address in listed.values())

        unchosen = {"answer": "", "reason": "Written with care.", "about": mark_of(dispute)}
        refused = curator.post(address, unchosen).content.decode()
        assert ("Choose an answer and give a reason" in refused, "Written with care." in refused) == (True, True)
        meanwhile = {"answer": "shown", "reason": "Line 3 asks.", "about": "of another reason"}
        late = curator.post(address, meanwhile).content.decode()
        assert "The trainee has written something else" in late
        assert ("Line 3 asks." in late, mark_of(dispute) in late, "of another reason" in late) == (True, True, False)
        dispute.refresh_from_db()
        assert not dispute.overruled_answer
        answer = {"answer": "notShown", "reason": "That was a wish.", "about": mark_of(dispute)}
        kept = curator.post(address, answer, follow=True).content.decode()
        assert ("Kept by anna." in kept, "That was a wish." in kept) == (True, True)
        assert session.pk not in curator.get(listed["open"]).content.decode()
        assert session.pk in curator.get(listed["any"]).content.decode()
        again = {"answer": "shown", "reason": "Line 3 asks.", "about": mark_of(dispute)}
        overruled = curator.post(address, again, follow=True).content.decode()

        assert "Line 3 asks." in overruled
        dispute.refresh_from_db()
        assert (dispute.answer, dispute.overruled_answer, dispute.overruled_by) == ("notShown", "shown", "anna")

    def test_queues_a_failed_evaluation_again_once(self, curator, session):
        first = curator.post(page(session, "requeue"), follow=True)
        second = curator.post(page(session, "requeue"), follow=True)

        assert "The evaluation is queued again." in page_messages(first)
        assert "Only a failed evaluation can be queued again" in page_messages(second)
        assert Evaluation.objects.get().status == EvaluationStatus.PENDING

    def test_queues_many_again_from_the_list_and_is_told_which_were_skipped(self, curator, session, published):
        other = practise(published)

        response = curator.post(
            SESSIONS, {"action": "requeue_all", "_selected_action": [session.pk, other.pk]}, follow=True
        )

        assert "1 evaluation is queued again. 1 was left alone" in page_messages(response)

    def test_erases_nothing(self, curator, session):
        assert curator.post(page(session, "delete"), {"post": "yes"}).status_code == 403
        assert PracticeSession.objects.exists()

    def test_cannot_add_or_change_sessions(self, curator, session):
        assert curator.get(f"{SESSIONS}add/").status_code == 403
        assert curator.post(page(session), {"scenario_title": "Mine"}).status_code == 200
        session.refresh_from_db()
        assert session.scenario_title == "A talk about late-again"


class TestFinding:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", True),
            ("q=late-again", True),
            ("q=nothing", False),
            ("status__exact=ended&reason=manual", True),
            ("reason=idle", False),
            ("evaluation=failed", True),
            ("evaluation=completed", False),
            ("evaluation=none", False),
            ("sorted_at__year=2026&sorted_at__month=3", True),
            ("sorted_at__year=2025", False),
        ],
    )
    def test_by_words_date_status_reason_and_evaluation(self, curator, session, query, found):
        assert (session.pk in curator.get(f"{SESSIONS}?{query}").content.decode()) is found

    def test_by_scenario(self, curator, session):
        assert session.pk in curator.get(f"{SESSIONS}?scenario={session.scenario_id}").content.decode()

    def test_takes_the_same_queries_for_one_session_and_for_many(
        self, curator, session, published, django_assert_max_num_queries
    ):
        ended = {"status": SessionStatus.ENDED, "termination_reason": Reason.MANUAL, "started_at": NOON}
        for _ in range(30):
            practise(published, **ended, created_at=NOON, sorted_at=NOON, ended_at=NOON + timedelta(minutes=3))
        with django_assert_max_num_queries(14):
            curator.get(SESSIONS)

    def test_by_month_back_to_the_first_session(self, curator, session, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: datetime(2026, 5, 20, 8, 0, tzinfo=UTC))
        html = curator.get(SESSIONS).content.decode()
        links = dict(re.findall(r'<a href="\?([^"]+)">\s*(?=(?:April|March|February) 2026)(\w+ 2026)', html))
        assert sorted(links.values()) == ["April 2026", "March 2026"]
        found = {
            month: session.pk in curator.get(f"{SESSIONS}?{unescape(query)}").content.decode()
            for query, month in links.items()
        }
        assert found == {"April 2026": False, "March 2026": True}

    def test_reads_the_newest_sessions_by_an_index_and_not_all_of_them(self, curator, session):
        with CaptureQueriesContext(connection) as asked:
            curator.get(SESSIONS)
        assert not [each["sql"] for each in asked if "trunc" in each["sql"].lower()]
        if connection.vendor == "sqlite":
            listed = next(
                each["sql"] for each in asked if "ORDER BY" in each["sql"] and "scenario_title" in each["sql"]
            )
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {listed}")
                plan = [row[3] for row in cursor.fetchall()]
            assert any("session_newest_of_all" in step for step in plan), plan
            assert not any("TEMP B-TREE FOR ORDER BY" in step for step in plan), plan


class TestAnOperator:
    def test_sees_what_an_erasure_deletes_before_confirming(self, operator, session):
        html = operator.get(page(session, "delete")).content.decode()

        assert "The transcript, the recordings and the evaluation are deleted permanently" in html
        assert PracticeSession.objects.exists()

    def test_erases_a_session_with_everything_in_it(self, operator, session):
        link = recording(session)

        response = operator.post(page(session, "delete"), {"post": "yes"}, follow=True)

        assert "The session was deleted." in page_messages(response)
        assert not PracticeSession.objects.exists()
        assert not Turn.objects.exists()
        assert not Evaluation.objects.exists()
        assert Erasure.objects.get().session_id == session.pk
        assert operator.get(link).status_code == 404

    def test_erases_several_after_one_confirmation(self, operator, session, published):
        other = practise(published)
        chosen = {"action": "delete_selected", "_selected_action": [session.pk, other.pk]}

        asked = operator.post(SESSIONS, chosen).content.decode()
        assert "A talk about late-again (pilot-user)" in asked
        assert PracticeSession.objects.count() == 2

        operator.post(SESSIONS, chosen | {"post": "yes"})
        assert Erasure.objects.count() == 2

    def test_cannot_change_the_catalog(self, operator, published):
        assert operator.get("/admin/practice/scenario/add/").status_code == 403


def test_nobody_hears_a_recording_without_the_right_to(client, session):
    assert client.get(recording(session)).status_code == 302
    client.force_login(User.objects.create_user("guest", is_staff=True))
    assert client.get(recording(session)).status_code == 403
    assert client.get(page(session)).status_code == 403


def test_a_recording_of_another_session_is_not_here(curator, session, published):
    other = practise(published)
    assert curator.get(page(other, f"audio/{session.turns.get(sequence=1).pk}")).status_code == 404


def test_unknown_sessions_are_not_found(curator, db):
    answers = [curator.get(f"{SESSIONS}nowhere/{view}/").status_code for view in ("change", "audio/x", "delete")]
    # A curator may delete nothing, known or not.
    assert answers == [404, 404, 403]


@pytest.mark.parametrize("view", ["", "change"])
def test_session_pages_contain_no_inline_styles(curator, session, view):
    html = curator.get(page(session, view) if view else SESSIONS).content.decode()
    assert "<style" not in html
    assert " style=" not in html

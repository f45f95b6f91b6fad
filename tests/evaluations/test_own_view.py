"""The trainee's own view by API: self-assessment, disputes and corrected transcripts."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from coach import clock
from evaluations import evaluation_job, evaluation_schema
from evaluations.findings.ratings import Answer
from evaluations.models import RATED_BY_RUBRIC, BehaviourResult, Dispute, Evaluation, SelfAssessment
from evaluations.own_view import disputes
from history import detail
from practice.lifecycle import AsrStatus, SessionStatus
from practice.models import PracticeSession, Turn
from tests.evaluations.cast import ENDED, Clock, ended_session, queued, reloaded, run, session_with_behaviours
from tests.evaluations.talks import FEEDBACK, SHOWS_COSTS, SHOWS_NAMES, looked_at
from tests.fakes.models import Fake

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

TOOL = "evaluation_result"


def evaluated(judge: Fake) -> Evaluation:
    judge.answer(TOOL, arguments=looked_at(SHOWS_NAMES, SHOWS_COSTS), times=None)
    return run(queued(session_with_behaviours()), judge.base_url)


def put(client: Client, session: PracticeSession, **changed: Any) -> Any:
    body = {"answers": [{"skillId": FEEDBACK.id, "key": "names-it", "answer": "did"}], "note": "I was nervous."}
    return client.put(f"/api/sessions/{session.pk}/self-assessment", body | changed, content_type="application/json")


def dispute(client: Client, session: PracticeSession, **changed: Any) -> Any:
    body = {"skillId": FEEDBACK.id, "key": "asks", "reason": "I asked in my last line."}
    address = f"/api/sessions/{session.pk}/evaluation/disputes"
    return client.post(address, body | changed, content_type="application/json")


def correct(client: Client, turn: Turn, transcript: Any = "The last five slipped.", session: Any = None) -> Any:
    address = f"/api/sessions/{session or turn.session_id}/turns/{turn.pk}"
    return client.patch(address, {"transcript": transcript}, content_type="application/json")


class TestSelfAssessment:
    def test_a_self_assessment_is_saved_and_a_second_one_replaces_it(self, client: Client) -> None:
        session = session_with_behaviours()
        assert put(client, session).status_code == 200
        answered = put(client, session, answers=[], note=None)
        assert (answered.status_code, answered.json()["answers"], answered.json()["note"]) == (200, [], None)
        assert SelfAssessment.objects.count() == 1

    def test_a_self_assessment_is_refused_once_the_scores_were_opened(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge).session
        client.head(f"/api/sessions/{session.pk}/evaluation")
        assert put(client, session).status_code == 200
        client.get(f"/api/sessions/{session.pk}/evaluation")
        assert put(client, session).status_code == 409

    def test_the_page_asks_before_it_shows_any_score(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge).session
        page = client.get(f"/sessions/{session.pk}/evaluation/").content.decode()
        assert "Did you do these things?" in page
        assert "of 5" not in page
        assert put(client, session).status_code == 200
        assert "4 of 5" in client.get(f"/sessions/{session.pk}/evaluation/").content.decode()
        assert put(client, session).status_code == 409

    def test_looking_at_unfinished_feedback_does_not_count_as_opening_it(self, client: Client) -> None:
        session = queued(session_with_behaviours()).session
        client.get(f"/api/sessions/{session.pk}/evaluation")
        client.get(f"/sessions/{session.pk}/evaluation/")
        assert put(client, session).status_code == 200

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"answers": [{"skillId": "s-feedback", "key": "charm", "answer": "did"}]}, "answers[0].key"),
            ({"answers": [{"skillId": "s-charm", "key": "names-it", "answer": "did"}]}, "answers[0].key"),
            ({"answers": [{"skillId": "s-feedback", "key": "names-it", "answer": "did"}] * 2}, "answers[1].key"),
        ],
    )
    def test_an_answer_about_an_unknown_behaviour_is_refused_by_field(
        self, client: Client, changed: Any, field: str
    ) -> None:
        answered = put(client, session_with_behaviours(), **changed)
        assert (answered.status_code, [each["field"] for each in answered.json()["errors"]]) == (422, [field])

    @pytest.mark.parametrize(
        "changed",
        [
            {"answers": None},
            {"answers": "did"},
            {"answers": [{"skillId": "s-feedback", "key": "names-it", "answer": "perhaps"}]},
            {"note": "x" * 501},
            {"note": "a\x00b"},
        ],
    )
    def test_malformed_self_assessments_are_refused(self, client: Client, changed: Any) -> None:
        assert put(client, session_with_behaviours(), **changed).status_code == 422

    def test_another_trainees_session_is_unknown(self, client: Client) -> None:
        session = session_with_behaviours()
        PracticeSession.objects.update(user_id="somebody-else")
        assert put(client, session).status_code == 404


class TestDisputes:
    def test_a_dispute_is_shown_with_its_behaviour_and_changes_no_rating(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge).session
        before = client.get(f"/api/sessions/{session.pk}/evaluation").json()["scores"][0]["rating"]

        answered = dispute(client, session)

        assert answered.status_code == 201
        assert (answered.json()["answer"], answered.json()["overruled"]) == ("notShown", None)
        score = client.get(f"/api/sessions/{session.pk}/evaluation").json()["scores"][0]
        assert [each["key"] for each in score["behaviours"] if each["disputed"]] == ["asks"]
        assert score["rating"] == before

    def test_a_second_reason_replaces_the_first(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge).session
        dispute(client, session)
        assert dispute(client, session, reason="In turn 3.").status_code == 201
        assert Dispute.objects.get().reason == "In turn 3."

    def test_a_curators_answer_stands_beside_the_evaluators(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge).session
        dispute(client, session)
        disputes.overrule(Dispute.objects.get(), Answer.SHOWN, "Turn 3 asks.", by="curator", now=ENDED)

        score = client.get(f"/api/sessions/{session.pk}/evaluation").json()["scores"][0]
        asks = next(each for each in score["behaviours"] if each["key"] == "asks")

        assert (asks["answer"], asks["dispute"]["overruled"]["answer"]) == ("notShown", "shown")
        assert score["rating"] == 4
        assert disputes.reviewed_ratings(Evaluation.objects.get(), ["What got in the way?"]) == {FEEDBACK.id: 5}
        assert disputes.reviewed_ratings(Evaluation.objects.get(), ["You are an idiot."]) == {FEEDBACK.id: 2}
        page = client.get(f"/sessions/{session.pk}/evaluation/").content.decode()
        assert "A reviewer looked again and says:" in page
        assert "this would be 5 of 5" in page

    @pytest.mark.parametrize(
        ("answers", "told"),
        [
            ({"asks": Answer.NOT_SHOWN}, ""),
            ({"asks": Answer.SHOWN}, "this would be 5 of 5."),
            (dict.fromkeys(["names-it", "says-what-it-cost", "asks"], Answer.NOT_APPLICABLE), "this didn't come up."),
        ],
    )
    def test_the_page_says_what_the_reviewers_answers_change(
        self, client: Client, judge: Fake, answers: dict[str, Answer], told: str
    ) -> None:
        """Nothing where the rating stays the same; and no rating where nothing is left to rate."""
        session = evaluated(judge).session
        for key, answer in answers.items():
            dispute(client, session, key=key)
            disputes.overrule(Dispute.objects.get(key=key), answer, "Heard again.", by="curator", now=ENDED)
        client.get(f"/api/sessions/{session.pk}/evaluation")  # opens the scores
        page = html.unescape(client.get(f"/sessions/{session.pk}/evaluation/").content.decode())
        assert re.findall(r"With the reviewer's answers,? ([^<]*)", page) == ([told] if told else [])

    def test_a_reason_that_a_curator_answered_cannot_be_replaced(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge).session
        dispute(client, session)
        stale = Dispute.objects.get()
        dispute(client, session, reason="In turn 3.")
        assert not disputes.overrule(stale, Answer.SHOWN, "Turn 1 asks.", by="curator", now=ENDED)
        assert disputes.overrule(Dispute.objects.get(), Answer.SHOWN, "Turn 3 asks.", by="curator", now=ENDED)

        assert dispute(client, session, reason="Never mind.").status_code == 409
        page = f"/sessions/{session.pk}/evaluation/disputes/"
        given = {"skill": FEEDBACK.id, "key": "asks", "reason": "Never mind."}
        assert "Turn 3 asks." in client.post(page, given, headers={"HX-Request": "true"}).content.decode()
        kept = Dispute.objects.get()
        assert (kept.reason, kept.overruled_reason) == ("In turn 3.", "Turn 3 asks.")

    def test_an_unknown_behaviour_is_404(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge).session
        assert dispute(client, session, key="charm").status_code == 404
        assert dispute(client, session, skillId="charm").status_code == 404

    def test_disputing_feedback_of_the_old_shape_or_unfinished_feedback_is_409(
        self, client: Client, judge: Fake
    ) -> None:
        evaluation = evaluated(judge)
        Evaluation.objects.update(shape=RATED_BY_RUBRIC)
        assert dispute(client, evaluation.session).status_code == 409
        waiting = queued(ended_session(["Hi.", "Hello."]))
        assert dispute(client, waiting.session).status_code == 409

    @pytest.mark.parametrize(
        "changed", [{"reason": "\u200b \u2060"}, {"reason": "x" * 501}, {"reason": None}, {"key": None}]
    )
    def test_a_disputes_reason_is_one_line(self, client: Client, judge: Fake, changed: Any) -> None:
        assert dispute(client, evaluated(judge).session, **changed).status_code == 422

    def test_disputing_another_trainees_feedback_is_404(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge).session
        PracticeSession.objects.update(user_id="somebody-else")
        assert dispute(client, session).status_code == 404


class TestCorrections:
    def test_the_original_is_kept_and_the_turn_shows_both(self, client: Client) -> None:
        turn = session_with_behaviours().turns.get(sequence=1)
        first = turn.transcript
        answered = correct(client, turn)
        assert (answered.status_code, answered.json()["transcript"]) == (200, "The last five slipped.")
        assert answered.json()["originalTranscript"] == first
        assert correct(client, turn, "The last six slipped.").json()["originalTranscript"] == first

    def test_a_correction_clears_doubtful_words_and_counts_the_words_again(self, client: Client) -> None:
        turn = session_with_behaviours().turns.get(sequence=1)
        figures = {
            "durationMs": 1,
            "leadMs": 0,
            "speakingMs": 1,
            "pauses": [],
            "words": 99,
            "questions": 0,
            "fillers": 0,
        }
        Turn.objects.filter(pk=turn.pk).update(doubtful=[[0, 3]], delivery=figures)
        assert correct(client, turn, "Why is that?").json()["doubtful"] == []
        turn.refresh_from_db()
        assert turn.delivery is not None
        assert (turn.delivery["words"], turn.delivery["questions"], turn.delivery["durationMs"]) == (3, 1, 1)

    def test_a_turn_that_could_not_be_transcribed_can_be_written_down(self, client: Client) -> None:
        turn = session_with_behaviours(["Hi.", None], asr=AsrStatus.FAILED).turns.get(sequence=1)
        answered = correct(client, turn).json()
        assert (answered["asrStatus"], answered["originalTranscript"]) == ("completed", None)

    @pytest.mark.parametrize("transcript", ["", "  ", "\u200b\ufeff", "x" * 2001, None, 5, "a\x00b"])
    def test_an_empty_or_overlong_correction_is_422(self, client: Client, transcript: Any) -> None:
        assert correct(client, session_with_behaviours().turns.get(sequence=1), transcript).status_code == 422

    def test_correcting_an_ai_turn_or_a_running_session_is_409(self, client: Client) -> None:
        session = session_with_behaviours()
        assert correct(client, session.turns.get(sequence=2)).status_code == 409
        running = {"status": SessionStatus.ACTIVE, "ended_at": None, "termination_reason": ""}
        PracticeSession.objects.update(**running, duration_deadline=ENDED)
        assert correct(client, session.turns.get(sequence=1)).status_code == 409

    def test_a_turn_that_is_being_transcribed_is_409(self, client: Client) -> None:
        session = session_with_behaviours(["Hi.", None], asr=AsrStatus.PENDING)
        assert correct(client, session.turns.get(sequence=1)).status_code == 409

    def test_correcting_an_unknown_or_another_trainees_turn_is_404(self, client: Client) -> None:
        session, other = session_with_behaviours(), ended_session()
        assert correct(client, other.turns.get(sequence=1), session=session.pk).status_code == 404
        PracticeSession.objects.update(user_id="somebody-else")
        assert correct(client, session.turns.get(sequence=1)).status_code == 404

    def test_after_a_correction_a_new_reading_is_offered_and_the_old_one_is_kept(
        self, client: Client, judge: Fake, django_capture_on_commit_callbacks: Any
    ) -> None:
        evaluation = evaluated(judge)
        session = evaluation.session
        address = f"/api/sessions/{session.pk}/evaluation"
        assert client.post(address, content_type="application/json").status_code == 409

        client.post(f"/sessions/{session.pk}/evaluation/", {"own": "skip"})
        correct(client, session.turns.get(sequence=3), "What got in the way of the deadlines, Alex?")
        assert "Redo the feedback" in client.get(f"/sessions/{session.pk}/evaluation/").content.decode()
        with django_capture_on_commit_callbacks():
            asked = client.post(address, content_type="application/json")
        assert (asked.status_code, asked.json()["status"], asked.json()["attempts"]) == (202, "pending", 2)
        assert client.post(address, content_type="application/json").status_code == 409

        done = run(evaluation, judge.base_url, Clock(clock.now()))
        assert (done.status, done.scores.count()) == ("completed", 1)
        (earlier,) = done.earlier_readings.all()
        assert earlier.result["scores"][0]["rating"] == 4
        assert client.post(address, content_type="application/json").status_code == 409


class TestWhatIsTakenAlong:
    def test_the_export_contains_the_trainees_own_view(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge).session
        put(client, session)
        dispute(client, session)
        correct(client, session.turns.get(sequence=1))

        whole = detail.portable(session)

        assert whole["selfAssessment"]["note"] == "I was nervous."
        assert whole["evaluation"]["scores"][0]["behaviours"][2]["dispute"]["reason"] == "I asked in my last line."
        assert whole["earlierReadings"] == []
        assert whole["turns"][1]["originalTranscript"]

    def test_an_erasure_deletes_the_trainees_own_view(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge).session
        put(client, session)
        dispute(client, session)
        assert client.delete(f"/api/sessions/{session.pk}").status_code == 204
        for model in (Evaluation, BehaviourResult, Dispute, SelfAssessment, Turn):
            assert not model.objects.exists()

    def test_feedback_of_the_old_shape_stays_readable(self, client: Client, judge: Fake) -> None:
        evaluation = run(queued(ended_session(["Hi.", "Hello there."])), judge.base_url)
        Evaluation.objects.filter(pk=evaluation.pk).update(shape=RATED_BY_RUBRIC)
        shown = evaluation_schema.of(reloaded(evaluation))
        assert [shown[name] for name in ("criteria", "agreement", "doors", "delivery")] == [None] * 4
        assert client.get(f"/sessions/{evaluation.session_id}/evaluation/").status_code == 200
        assert evaluation_job.requeue(evaluation.pk, now=ENDED) is False


def test_a_session_that_is_erased_meanwhile_is_404(
    client: Client, judge: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = evaluated(judge).session
    monkeypatch.setattr(type(PracticeSession.objects), "locked", lambda *_: None)
    assert put(client, session).status_code == 404
    assert dispute(client, session).status_code == 404


def test_a_session_from_before_behaviours_has_none_of_them(client: Client) -> None:
    session = ended_session()
    told = client.get(f"/api/sessions/{session.pk}?historyStepCount=1").json()
    assert [each["behaviours"] for each in told["scenario"]["skillSummaries"]] == [[], []]

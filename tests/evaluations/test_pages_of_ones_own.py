"""The trainee's own view on the feedback pages: self-assessment, disputes, corrected lines, new readings."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from coach import clock
from coach.storage import audio
from evaluations.findings.ratings import Answer
from evaluations.models import RATED_BY_RUBRIC, Dispute, EarlierReading, Evaluation, SelfAssessment
from evaluations.own_view import disputes
from practice.lifecycle import AsrStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.ports import Quoted
from practice.views.script import pieces
from tests import cast
from tests.evaluations.cast import ENDED, STARTED, Clock, ended_session, queued, run, session_with_behaviours
from tests.evaluations.talks import FEEDBACK, SHOWS_COSTS, SHOWS_NAMES, looked_at
from tests.fakes.models import Fake

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}
GROUP = f"own-{FEEDBACK.id}"


def evaluated(judge: Fake) -> PracticeSession:
    judge.answer("evaluation_result", arguments=looked_at(SHOWS_NAMES, SHOWS_COSTS), times=None)
    return run(queued(session_with_behaviours()), judge.base_url).session


def panel(client: Client, session: PracticeSession, query: str = "") -> str:
    return client.get(f"/sessions/{session.pk}/evaluation/{query}", **HTMX).content.decode()


def say(client: Client, session: PracticeSession, **given: str) -> Any:
    return client.post(f"/sessions/{session.pk}/evaluation/", given, **HTMX)


class TestOnesOwnView:
    def test_the_own_view_is_asked_while_waiting_and_shown_beside_the_feedback(
        self, client: Client, judge: Fake
    ) -> None:
        judge.answer("evaluation_result", arguments=looked_at(SHOWS_NAMES, SHOWS_COSTS), times=None)
        evaluation = queued(session_with_behaviours())
        session = evaluation.session
        asked = panel(client, session)
        assert 'data-phase="own"' in asked
        assert "hx-trigger" not in asked.partition('class="own-status"')[0]  # text being typed is never swapped away
        assert 'hx-trigger="every 2s"' in panel(client, session, "?part=status")

        run(evaluation, judge.base_url)
        assert "Your feedback is ready." in panel(client, session, "?part=status")
        html = say(client, session, own="keep", **{GROUP: "did", "own-note": "Ask  earlier."}).content.decode()

        kept = SelfAssessment.objects.get()
        assert {(each["key"], each["answer"]) for each in kept.answers} == {
            (each.key, "did") for each in FEEDBACK.behaviours if each.kind == "do"
        }
        assert kept.note == "Ask earlier."
        assert re.search(r"4 of 5.*I did<", html, re.S)
        assert "What you would do differently:" in html
        evaluation.refresh_from_db()
        assert evaluation.opened_at

    def test_a_skipped_own_view_is_not_asked_again(self, client: Client, judge: Fake) -> None:
        evaluation = queued(session_with_behaviours())
        assert 'data-phase="queued"' in say(client, evaluation.session, own="skip").content.decode()
        assert 'data-phase="queued"' in panel(client, evaluation.session)
        assert SelfAssessment.objects.get().answers == []

    def test_without_javascript_the_form_leads_to_the_feedback_page(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge)
        page = f"/sessions/{session.pk}/evaluation/"
        answered = client.post(page, {"own": "skip"})
        assert (answered.status_code, answered["Location"]) == (302, page)
        assert "4 of 5" in client.get(page).content.decode()

    @pytest.mark.parametrize(
        "given", [{GROUP: "perhaps"}, {"own-nobody": "did"}, {"own-note": "x" * 900}, {"own-note": "a\0b"}]
    )
    def test_values_that_no_form_sends_are_ignored(self, client: Client, judge: Fake, given: dict[str, str]) -> None:
        assert say(client, evaluated(judge), own="keep", **given).status_code == 286
        kept = SelfAssessment.objects.get()
        assert (kept.answers, len(kept.note) <= 500) == ([], True)

    def test_an_own_view_sent_after_the_scores_were_seen_is_not_saved(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge)
        say(client, session, own="skip")
        assert "4 of 5" in say(client, session, own="keep", **{GROUP: "did"}).content.decode()
        assert SelfAssessment.objects.get().answers == []

    def test_a_conversation_without_behaviours_asks_for_no_own_view(self, client: Client, judge: Fake) -> None:
        assert 'data-phase="queued"' in panel(client, queued(ended_session()).session)
        session = evaluated(judge)
        Evaluation.objects.filter(session=session).update(shape=RATED_BY_RUBRIC)
        assert 'data-phase="completed"' in panel(client, session)

    def test_a_failure_is_told_beside_the_form_which_stays(self, client: Client, judge: Fake) -> None:
        evaluation = queued(session_with_behaviours())
        session = evaluation.session
        Evaluation.objects.update(status="failed", next_attempt_at=None, last_error="503")
        told = client.get(f"/sessions/{session.pk}/evaluation/?part=status", **HTMX)
        assert (told.status_code, "HX-Retarget" in told) == (286, False)
        part = unescape(told.content.decode())
        assert ("We couldn't create your feedback." in part, "Try again" in part, "own-view" in part) == (
            True,
            True,
            False,
        )
        assert f'hx-post="/sessions/{session.pk}/evaluation/"' in part

        whole = unescape(panel(client, session))
        assert ('data-phase="own"' in whole, "We couldn't create your feedback." in whole) == (True, True)
        again = say(client, session)
        assert (again.status_code, 'data-phase="own"' in again.content.decode()) == (200, True)
        assert 'hx-trigger="every 2s"' in again.content.decode()

        Evaluation.objects.update(status="failed", next_attempt_at=None, last_error="503")
        skipped = unescape(say(client, session, own="skip").content.decode())
        assert ('data-phase="failed"' in skipped, "Try again" in skipped) == (True, True)

    def test_words_that_could_not_be_transcribed_leave_the_form_too(self, client: Client, judge: Fake) -> None:
        evaluation = queued(session_with_behaviours(["Hi.", None], asr=AsrStatus.FAILED))
        run(evaluation, judge.base_url)
        told = client.get(f"/sessions/{evaluation.session_id}/evaluation/?part=status", **HTMX)
        assert (told.status_code, "HX-Retarget" in told) == (286, False)
        assert "Transcribe them again under History" in told.content.decode()
        assert "Your feedback is ready." not in told.content.decode()
        assert "Transcribe them again under History" in say(client, evaluation.session, own="skip").content.decode()

    def test_who_said_nothing_is_not_asked_how_it_went(self, client: Client, judge: Fake) -> None:
        session = run(queued(session_with_behaviours(["Hi."])), judge.base_url).session
        assert 'data-phase="empty"' in panel(client, session)


class TestADispute:
    def differ(self, client: Client, session: PracticeSession, reason: str = "I asked.", **more: Any) -> Any:
        given = {"skill": FEEDBACK.id, "key": "asks", "reason": reason}
        return client.post(f"/sessions/{session.pk}/evaluation/disputes/", given, **more)

    def test_a_dispute_is_shown_at_its_behaviour_with_state_and_answer(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge)
        part = self.differ(client, session, **HTMX).content.decode()
        assert part.strip().startswith('<li class="finding')
        assert "I asked." in part
        assert "A reviewer will look at it" in part

        disputes.overrule(Dispute.objects.get(), Answer.NOT_SHOWN, "That was a wish.", by="c", now=ENDED)
        say(client, session, own="skip")
        assert "keeps the answer:</strong> That was a wish." in panel(client, session)
        disputes.overrule(Dispute.objects.get(), Answer.SHOWN, "Line 3 asks.", by="c", now=ENDED)
        assert "You did this · Line 3 asks." in panel(client, session)

    def test_a_dispute_without_a_reason_is_refused_in_the_form(self, client: Client, judge: Fake) -> None:
        part = self.differ(client, evaluated(judge), " ", **HTMX).content.decode()
        assert "Say in a sentence what you see differently" in part
        assert not Dispute.objects.exists()

    def test_without_javascript_a_dispute_leads_back_to_the_feedback(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge)
        assert self.differ(client, session).status_code == 302
        assert Dispute.objects.get().reason == "I asked."

    def test_a_dispute_about_anything_unknown_is_404(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge)
        address = f"/sessions/{session.pk}/evaluation/disputes/"
        assert client.post(address, {"skill": "x", "key": "a\0b", "reason": "r"}).status_code == 404
        PracticeSession.objects.update(user_id="somebody-else")
        assert self.differ(client, session).status_code == 404


class TestACorrectedLine:
    def correct(self, client: Client, turn: Turn, transcript: str = "The last five slipped.", **more: Any) -> Any:
        return client.post(f"/sessions/{turn.session_id}/turns/{turn.pk}/line/", {"transcript": transcript}, **more)

    def test_a_corrected_line_is_shown_with_what_was_recognised(self, client: Client) -> None:
        turn = session_with_behaviours().turns.get(sequence=1)
        answered = self.correct(client, turn, **HTMX)
        part = answered.content.decode()
        assert "The last five slipped." in part
        assert f"“{turn.transcript}”" in part.replace("&#x27;", "'")
        assert answered["HX-Trigger-After-Swap"] == "transcriptCorrected"

    def test_without_javascript_a_correction_leads_to_its_line_on_the_session_page(self, client: Client) -> None:
        turn = session_with_behaviours().turns.get(sequence=1)
        assert self.correct(client, turn)["Location"] == f"/history/{turn.session_id}/#turn-1"
        assert "What was recognised:" in client.get(f"/history/{turn.session_id}/").content.decode()

    @pytest.mark.parametrize("transcript", ["", " ", "\u200b", "x" * 2001])
    def test_an_empty_or_overlong_correction_is_refused_in_the_line(self, client: Client, transcript: str) -> None:
        turn = session_with_behaviours().turns.get(sequence=1)
        answered = self.correct(client, turn, transcript, **HTMX)
        assert ("in at most 2,000 characters" in answered.content.decode(), answered.status_code) == (True, 200)
        assert "HX-Trigger-After-Swap" not in answered

    def test_an_ai_line_has_no_correction_form_and_is_refused(self, client: Client) -> None:
        session = session_with_behaviours()
        page = client.get(f"/sessions/{session.pk}/").content.decode()
        theirs, own = session.turns.get(sequence=2), session.turns.get(sequence=1)
        assert (f"{theirs.pk}/line/" in page, f"{own.pk}/line/" in page) == (False, True)
        assert "can&#x27;t be corrected now" in self.correct(client, theirs, **HTMX).content.decode()

    def test_a_line_transcribed_later_appears_and_can_be_corrected(self, client: Client) -> None:
        turn = session_with_behaviours(["Hi.", None], asr=AsrStatus.PENDING).turns.get(sequence=1)
        door = f"/sessions/{turn.session_id}/turns/{turn.pk}/line/"
        assert f'data-fresh="{door}"' in client.get(f"/sessions/{turn.session_id}/").content.decode()
        assert "What you actually said" not in client.get(door, **HTMX).content.decode()
        Turn.objects.filter(pk=turn.pk).update(transcript="The last three slipped.", asr_status=AsrStatus.COMPLETED)
        fresh = client.get(door, **HTMX).content.decode()
        assert ("What you actually said" in fresh, "data-fresh" in fresh) == (True, False)

    def test_correcting_another_trainees_line_is_404(self, client: Client) -> None:
        turn = session_with_behaviours().turns.get(sequence=1)
        PracticeSession.objects.update(user_id="somebody-else")
        assert self.correct(client, turn).status_code == 404

    def test_a_new_reading_shows_the_earlier_ratings(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge)
        say(client, session, own="skip")
        self.correct(client, session.turns.get(sequence=3), "What got in the way, Alex?")
        offered = panel(client, session)
        assert "You corrected the transcript." in offered
        assert 'data-phase="queued"' in say(client, session).content.decode()
        assert "Before it was redone" not in panel(client, session)
        run(Evaluation.objects.get(), judge.base_url, Clock(clock.now()))
        assert "Before it was redone" in panel(client, session)


class TestOldClients:
    """`POST …/evaluation` stays as it was for clients that never correct a line."""

    def ask(self, client: Client, session: PracticeSession) -> Any:
        return client.post(f"/api/sessions/{session.pk}/evaluation", content_type="application/json")

    def test_post_is_202_after_a_failure_and_409_otherwise(self, client: Client, judge: Fake) -> None:
        evaluation = queued(session_with_behaviours())
        assert self.ask(client, evaluation.session).status_code == 409
        Evaluation.objects.update(status="failed", next_attempt_at=None, last_error="503", attempts=3)
        asked = self.ask(client, evaluation.session)
        assert (asked.status_code, asked.json()["status"], asked.json()["attempts"]) == (202, "pending", 4)
        again = self.ask(client, evaluation.session)
        assert (again.status_code, again["Content-Type"].partition(";")[0]) == (409, "application/json")
        assert again.json()["status"] == "pending"
        judge.answer("evaluation_result", arguments=looked_at(SHOWS_NAMES, SHOWS_COSTS), times=None)
        run(evaluation, judge.base_url, Clock(clock.now()))
        done = self.ask(client, evaluation.session)
        assert (done.status_code, done.json()["status"]) == (409, "completed")
        assert not EarlierReading.objects.exists()

    @pytest.mark.parametrize("status", ["pending", "running", "failed"])
    def test_a_correction_changes_nothing_before_it_is_complete(self, client: Client, status: str) -> None:
        evaluation = queued(session_with_behaviours())
        Turn.objects.filter(session=evaluation.session, sequence=1).update(corrected_at=ENDED)
        states = {
            "pending": {},
            "running": {"next_attempt_at": None, "claim": "c", "claimed_until": ENDED},
            "failed": {"next_attempt_at": None, "last_error": "503"},
        }
        Evaluation.objects.update(status=status, **states[status])
        assert self.ask(client, evaluation.session).status_code == (202 if status == "failed" else 409)
        assert not EarlierReading.objects.exists()


class TestWhereTheWordsStand:
    def test_lines_show_times_doubtful_words_and_quotes_of_opened_feedback(self, client: Client, judge: Fake) -> None:
        session = evaluated(judge)
        for turn in session.turns.all():
            ended_at = turn.created_at + timedelta(seconds=4)
            Turn.objects.filter(pk=turn.pk).update(started_at=turn.created_at, ended_at=ended_at)
        Turn.objects.filter(session=session, sequence=3).update(doubtful=[[0, 2]])
        before = client.get(f"/history/{session.pk}/").content.decode()
        assert re.findall('"line-time">([^<]+)<', before) == ["0:00", "0:10", "0:20", "0:30", "0:40"]
        assert '<span class="doubtful">So</span>' in before
        assert "<mark" not in before
        say(client, session, own="skip")
        assert '<mark class="quoted quoted-good">' in client.get(f"/history/{session.pk}/").content.decode()

    @pytest.mark.parametrize(
        ("doubtful", "quoted", "expected"),
        [
            ([], [], [("Late again, Sam.", False, "")]),
            ([[0, 4]], [], [("Late", True, ""), (" again, Sam.", False, "")]),
            ([[5, 99]], [], [("Late ", False, ""), ("again, Sam.", True, "")]),
            ([[9, 3], [-2, 4]], [], [("Late", True, ""), (" again, Sam.", False, "")]),
            (
                [[2, 7]],
                ["again"],
                [("La", 0, ""), ("te ", 1, ""), ("ag", 1, "good"), ("ain", 0, "good"), (", Sam.", 0, "")],
            ),
            ([], ["not said", ""], [("Late again, Sam.", False, "")]),
        ],
    )
    def test_doubtful_words_and_quotes_split_a_line_into_pieces(
        self, doubtful: list[list[int]], quoted: list[str], expected: list[tuple[str, bool, str]]
    ) -> None:
        found = pieces("Late again, Sam.", doubtful, [Quoted(text, "good") for text in quoted])
        assert [(each.text, each.doubtful, each.tone) for each in found] == expected


def test_a_quote_plays_from_its_start_and_the_worst_moment_can_be_redone(client: Client, judge: Fake) -> None:
    session = evaluated(judge)
    for turn in session.turns.filter(speaker=Speaker.TRAINEE):
        turn.audio = audio.keep(b"\xff\xf3 spoken", duration_ms=9_000, now=STARTED)
        turn.delivery = {
            "durationMs": 9_000,
            "leadMs": 1_000,
            "speakingMs": 8_000,
            "pauses": [[2_000, 3_500]],
            "words": 16,
            "questions": 0,
            "fillers": 0,
        }
        turn.started_at, turn.asr_status = turn.created_at, AsrStatus.COMPLETED
        turn.ended_at = turn.created_at
        if (at := (turn.transcript or "").find("three")) >= 0:
            turn.doubtful = [[at, at + 5]]
        turn.save()
    say(client, session, own="skip")
    html = panel(client, session)
    assert '“The last <span class="doubtful">three</span> slipped”' in html
    moments = [float(each) for each in re.findall(r'data-from="([\d.]+)"', html)]
    assert len(moments) == 2
    assert all(0 < moment < 9 for moment in moments)
    assert "How you spoke" in html
    assert re.search(r"Your longest pause</dt><dd>1.5 s", html)
    assert html.count('class="strip-turn"') == 2


@pytest.mark.parametrize("page", ["/sessions/{}/evaluation/", "/sessions/{}/", "/history/{}/"])
def test_redo_opens_the_new_session_and_not_the_old_one(client: Client, judge: Fake, page: str) -> None:
    """The feedback's own page had another `room_url`: "Redo from here" began a session and showed the old one."""
    session = evaluated(judge)
    session.scenario = cast.scenario()
    session.save()
    say(client, session, own="skip")
    rooms = re.findall(r'data-room="([^"]*)"', client.get(page.format(session.pk)).content.decode())
    assert rooms
    assert set(rooms) == {"/sessions/ID/"}


def test_the_feedback_takes_no_more_queries_for_a_long_conversation(
    client: Client, judge: Fake, django_assert_max_num_queries
) -> None:
    session = evaluated(judge)
    say(client, session, own="skip")
    pages = [f"/sessions/{session.pk}/evaluation/", f"/sessions/{session.pk}/", f"/history/{session.pk}/"]

    def cost() -> list[int]:
        found = []
        for page in pages:
            with django_assert_max_num_queries(40) as asked:
                client.get(page)
            found.append(len(asked))
        return found

    cost()
    few = cost()
    Turn.objects.bulk_create(
        Turn(
            session=session,
            sequence=sequence,
            transcript="And on Friday?",
            created_at=STARTED,
            started_at=STARTED,
            ended_at=STARTED,
            speaker=Speaker.TRAINEE if sequence % 2 else Speaker.AI,
            asr_status=AsrStatus.COMPLETED if sequence % 2 else None,
            reply_status=None if sequence % 2 else "complete",
        )
        for sequence in range(5, 505)
    )
    assert cost() == few

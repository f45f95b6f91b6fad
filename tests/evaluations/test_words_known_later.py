"""Words that were not there when the feedback was made, typed in or transcribed later, lead to a new reading."""

import html
from typing import Any

import pytest
from django.test import Client

from coach import clock
from evaluations import requeue
from evaluations.models import EarlierReading, Evaluation
from practice.lifecycle import AsrStatus
from practice.models import PracticeSession, Turn
from practice.signals import turn_transcribed
from practice.turns import correction
from tests.evaluations.cast import Clock, ended_session, queued, reloaded, run
from tests.evaluations.talks import answer
from tests.fakes.models import Fake

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

HTMX = {"HTTP_HX_REQUEST": "true"}
SAID = "The last three slipped, and the team had to wait."
OFFER = "Redo the feedback"
TRANSCRIBED = "More of what you said is transcribed now."


def panel(client: Client, session: PracticeSession) -> str:
    return html.unescape(client.get(f"/sessions/{session.pk}/evaluation/", **HTMX).content.decode())


def transcribed(session: PracticeSession, sequence: int, words: str) -> None:
    turn = session.turns.get(sequence=sequence)
    Turn.objects.filter(pk=turn.pk).update(asr_status=AsrStatus.COMPLETED, transcript=words)
    turn_transcribed.send(Turn, turn=turn)


def redone(client: Client, session: PracticeSession, base_url: str) -> Evaluation:
    asked = client.post(f"/sessions/{session.pk}/evaluation/", **HTMX)
    assert 'data-phase="queued"' in asked.content.decode()
    return run(Evaluation.objects.get(session=session), base_url, Clock(clock.now()))


@pytest.mark.parametrize(("line", "asr"), [(None, AsrStatus.FAILED), ("", AsrStatus.COMPLETED)])
def test_a_line_typed_in_after_empty_feedback_leads_to_feedback(
    client: Client, judge: Fake, line: str | None, asr: AsrStatus
) -> None:
    judge.answer("evaluation_result", arguments=answer(), times=None)
    session = ended_session(["Hi.", line], asr=asr)
    empty = run(queued(session), judge.base_url)
    assert (empty.status, judge.requests("evaluation_result")) == ("completed", [])
    assert "Get the feedback" not in panel(client, session)

    correction.correct(session.turns.get(sequence=1), SAID, now=clock.now())
    shown = panel(client, session)
    assert "What you said is there now." in shown
    assert "Get the feedback" in shown
    assert "Transcribe them again" not in shown
    assert "Practise again whenever" not in shown

    done = redone(client, session, judge.base_url)
    assert (done.status, done.scores.count()) == ("completed", 2)
    assert not EarlierReading.objects.exists()
    assert "Before it was redone" not in panel(client, session)


def test_an_empty_result_is_not_told_while_it_is_read_again(client: Client, judge: Fake) -> None:
    session = ended_session(["Hi.", None], asr=AsrStatus.FAILED)
    run(queued(session), judge.base_url)
    correction.correct(session.turns.get(sequence=1), SAID, now=clock.now())
    asked = client.post(f"/api/sessions/{session.pk}/evaluation", content_type="application/json")
    assert (asked.status_code, asked.json()["status"], asked.json()["summary"]) == (202, "pending", None)


def test_words_transcribed_after_the_feedback_are_offered_a_new_reading(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer(), times=None)
    session = ended_session(["Hi.", SAID, "Oh.", None, "And?", None], asr=AsrStatus.FAILED)
    evaluation = run(queued(session), judge.base_url)
    shown = panel(client, session)
    assert (OFFER in shown, "2 of your turns had no transcript when this was made" in shown) == (False, True)
    transcribed(session, 3, "I need to know two days before.")
    assert reloaded(evaluation).status == "completed"
    shown = panel(client, session)
    assert (OFFER in shown, TRANSCRIBED in shown, "You corrected" in shown) == (True, True, False)

    done = redone(client, session, judge.base_url)
    assert (done.unheard_turns, done.earlier_readings.count()) == (1, 1)
    shown = panel(client, session)
    assert (OFFER in shown, "One of your turns had no transcript when this was made" in shown) == (False, True)


def test_a_corrected_line_beside_late_words_is_told_as_a_correction(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer(), times=None)
    session = ended_session(["Hi.", SAID, "Oh.", None], asr=AsrStatus.FAILED)
    run(queued(session), judge.base_url)
    correction.correct(session.turns.get(sequence=3), "I need to know two days before.", now=clock.now())
    shown = panel(client, session)
    assert (OFFER in shown, TRANSCRIBED in shown, "You corrected the transcript." in shown) == (True, False, True)


@pytest.mark.parametrize("words", [None, ""])
def test_without_more_words_nothing_is_offered(client: Client, judge: Fake, words: str | None) -> None:
    session = ended_session(["Hi.", None], asr=AsrStatus.FAILED)
    evaluation = run(queued(session), judge.base_url)
    if words is not None:
        transcribed(session, 1, words)
    assert not requeue.is_offered(reloaded(evaluation))
    assert "Get the feedback" not in panel(client, session)
    asked: Any = client.post(f"/api/sessions/{session.pk}/evaluation", content_type="application/json")
    assert (asked.status_code, reloaded(evaluation).status) == (409, "completed")

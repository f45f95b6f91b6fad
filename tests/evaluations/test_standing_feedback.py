"""Feedback stands until a new reading has replaced it, also when that reading fails or its worker dies."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from coach import clock
from evaluations import evaluation_job, evaluation_schema, requeue
from evaluations.findings.results import Findings
from evaluations.models import RATED_BY_RUBRIC, CriterionResult, EarlierReading, Evaluation, SkillScore
from history import progress
from practice.models import PracticeSession
from practice.turns import correction
from tests.evaluations.cast import Clock, queued, reloaded, run, run_until_settled, session_with_behaviours
from tests.evaluations.talks import FEEDBACK, SHOWS_COSTS, SHOWS_NAMES, answer, looked_at
from tests.fakes.models import Fake

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

HTMX = {"HTTP_HX_REQUEST": "true"}
TOOL = "evaluation_result"
BEFORE, AFTER = 4, 2
FAILED_TO_REDO = "We couldn't redo your feedback."


def panel(client: Client, session: PracticeSession, query: str = "") -> str:
    return html.unescape(client.get(f"/sessions/{session.pk}/evaluation/{query}", **HTMX).content.decode())


def answers(judge: Fake, *shown: dict[str, Any], **changed: Any) -> None:
    """From now on each reading finds this."""
    judge.reset()
    found = looked_at(*shown, criteria=answer()["criteria"], **changed)
    judge.answer(TOOL, arguments=found, times=None)


def ask(client: Client, session: PracticeSession) -> Any:
    return client.post(f"/api/sessions/{session.pk}/evaluation", content_type="application/json")


def rated(evaluation: Evaluation) -> list[int | None]:
    return list(SkillScore.objects.filter(evaluation=evaluation).values_list("rating", flat=True))


@pytest.fixture
def corrected(client: Client, judge: Fake) -> Evaluation:
    """Feedback that was read, and a line that was corrected afterwards."""
    answers(judge, SHOWS_NAMES, SHOWS_COSTS)
    evaluation = run(queued(session_with_behaviours()), judge.base_url)
    client.post(f"/sessions/{evaluation.session_id}/evaluation/", {"own": "skip"})
    client.get(f"/sessions/{evaluation.session_id}/evaluation/")
    turn = evaluation.session.turns.get(sequence=3)
    correction.correct(turn, "What got in the way of the deadlines, Alex?", now=clock.now())
    return reloaded(evaluation)


def claimed(evaluation: Evaluation) -> evaluation_job.Claim:
    claim = evaluation_job.claim(evaluation.pk, now=clock.now())
    assert claim
    return claim


def failed_to_redo(evaluation: Evaluation) -> Evaluation:
    assert requeue.read_again(evaluation, now=clock.now())
    evaluation_job.fail(claimed(evaluation), "judge-1 answered 503")
    return reloaded(evaluation)


def test_the_feedback_is_still_shown_while_it_is_redone(client: Client, corrected: Evaluation) -> None:
    session = corrected.session
    shown = client.post(f"/sessions/{session.pk}/evaluation/", **HTMX).content.decode()
    assert 'data-phase="queued"' in shown
    assert "this is the one from before" in shown
    assert "Redo the feedback" not in shown
    for page in (shown, panel(client, session)):
        assert ("4 of 5" in page, "A clear request." in page, "evaluation-skeleton" in page) == (True, True, False)


def test_a_reading_that_fails_leaves_the_feedback_with_a_button_to_try_again(
    client: Client, judge: Fake, corrected: Evaluation
) -> None:
    judge.reset()
    judge.answer(TOOL, fault="503", times=None)
    assert requeue.read_again(corrected, now=clock.now())
    failed = run_until_settled(corrected, judge.base_url, Clock(clock.now()))
    assert (failed.status, rated(failed), failed.criteria.count()) == ("failed", [BEFORE], 2)
    shown = panel(client, failed.session)
    assert [words in shown for words in (FAILED_TO_REDO, "Try again", "4 of 5", "A clear request.")] == [True] * 4
    assert "couldn't create" not in shown
    assert "Before it was redone" not in shown

    answers(judge, SHOWS_NAMES, summary="Heard anew.")
    client.post(f"/sessions/{failed.session_id}/evaluation/", **HTMX)
    done = run(failed, judge.base_url, Clock(clock.now()))
    assert (done.status, rated(done), done.summary) == ("completed", [AFTER], "Heard anew.")
    (kept,) = done.earlier_readings.all()
    assert (kept.version, kept.result["status"], kept.result["scores"][0]["rating"]) == (1, "completed", BEFORE)
    assert kept.result["completedAt"]
    shown = panel(client, done.session)
    assert ("Before it was redone" in shown, "Heard anew." in shown) == (True, True)


def test_what_still_stands_is_not_among_the_replaced_versions(judge: Fake, corrected: Evaluation) -> None:
    failed = failed_to_redo(corrected)
    assert requeue.earlier(failed.session_id) == []
    assert evaluation_job.requeue(failed.pk, now=clock.now())
    answers(judge, SHOWS_NAMES)
    run(failed, judge.base_url, Clock(clock.now()))
    assert [each["version"] for each in requeue.earlier(failed.session_id)] == [1]

    correction.correct(failed.session.turns.get(sequence=1), "The last three slipped.", now=clock.now())
    failed_to_redo(reloaded(failed))
    assert [each["result"]["scores"][0]["rating"] for each in requeue.earlier(failed.session_id)] == [BEFORE]
    assert EarlierReading.objects.count() == 2


@pytest.mark.parametrize("how", ["pending", "running", "failed"])
def test_api_history_and_progress_keep_the_numbers_meanwhile(client: Client, corrected: Evaluation, how: str) -> None:
    session = corrected.session
    if how == "failed":
        failed_to_redo(corrected)
    else:
        asked = ask(client, session)
        assert (asked.status_code, asked.json()["status"], asked.json()["attempts"]) == (202, "pending", 2)
    if how == "running":
        claimed(corrected)
    shown = client.get(f"/api/sessions/{session.pk}/evaluation").json()
    assert (shown["status"], shown["scores"][0]["rating"], shown["summary"]) == (how, BEFORE, "A clear request.")
    assert shown["completedAt"] is None
    assert [one.ratings[0].rating for one in progress.by_skill(session.user_id)] == [BEFORE]
    assert progress.by_behaviour(session.user_id)
    assert "4 of 5" in client.get("/history/").content.decode()


def test_ratings_that_were_never_opened_stay_hidden_while_they_are_redone(client: Client, judge: Fake) -> None:
    answers(judge, SHOWS_NAMES, SHOWS_COSTS)
    evaluation = run(queued(session_with_behaviours()), judge.base_url)
    session = evaluation.session
    correction.correct(session.turns.get(sequence=3), "What got in the way?", now=clock.now())
    assert requeue.read_again(evaluation, now=clock.now())

    assert progress.by_skill(session.user_id) == []
    assert progress.by_behaviour(session.user_id) == {}
    assert "4 of 5" not in client.get("/history/").content.decode()
    shown = panel(client, session)
    assert ("Did you do these things?" in shown, "4 of 5" in shown) == (True, False)

    assert client.get(f"/api/sessions/{session.pk}/evaluation").json()["scores"]
    answered = client.put(
        f"/api/sessions/{session.pk}/self-assessment", {"answers": []}, content_type="application/json"
    )
    assert answered.status_code == 409  # who has seen the ratings has opened them


def test_a_worker_that_dies_leaves_the_feedback_and_a_second_one_replaces_it_once(corrected: Evaluation) -> None:
    now = clock.now()
    assert requeue.read_again(corrected, now=now)
    dead = claimed(corrected)
    evaluation_job.take_over_lost(now=now + timedelta(minutes=5))
    assert rated(corrected) == [BEFORE]
    second = evaluation_job.claim(corrected.pk, now=now + timedelta(minutes=5))
    assert second
    empty = Findings((), "Nothing.")
    assert not evaluation_job.complete(dead, empty, evaluation_job.Cost(), unheard_turns=0, now=now)
    assert rated(corrected) == [BEFORE]
    assert evaluation_job.complete(second, empty, evaluation_job.Cost(), unheard_turns=0, now=now)
    assert rated(corrected) == []
    assert not CriterionResult.objects.exists()


def test_a_result_that_cannot_be_stored_leaves_the_one_before(
    judge: Fake, corrected: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no room left")

    monkeypatch.setattr("evaluations.findings.goal_reached.settle", broken)
    answers(judge, SHOWS_NAMES)
    assert requeue.read_again(corrected, now=clock.now())
    with transaction.atomic():
        failed = run_until_settled(corrected, judge.base_url, Clock(clock.now()))
    assert (failed.status, rated(failed), failed.criteria.count()) == ("failed", [BEFORE], 2)


def test_feedback_of_the_old_shape_keeps_it_until_it_is_replaced(judge: Fake, corrected: Evaluation) -> None:
    Evaluation.objects.update(shape=RATED_BY_RUBRIC)
    failed = failed_to_redo(corrected)
    assert evaluation_schema.of(failed)["criteria"] is None
    evaluation_job.requeue(failed.pk, now=clock.now())
    answers(judge, SHOWS_NAMES)
    done = run(failed, judge.base_url, Clock(clock.now()))
    assert evaluation_schema.of(done)["criteria"]


def test_a_dispute_meanwhile_is_told_to_wait_for_the_new_reading(client: Client, corrected: Evaluation) -> None:
    failed = failed_to_redo(corrected)
    given = {"skill": FEEDBACK.id, "key": "asks", "reason": "I asked."}
    told = client.post(f"/sessions/{failed.session_id}/evaluation/disputes/", given, **HTMX).content.decode()
    assert "Come back to this when" in told


def test_what_an_older_release_has_removed_is_shown_from_the_kept_version(
    client: Client, corrected: Evaluation
) -> None:
    """It deleted the ratings before the new reading existed."""
    failed = failed_to_redo(corrected)
    failed.scores.all().delete()
    shown = panel(client, failed.session)
    assert ("couldn't create" in shown, "Before it was redone" in shown, "4 of 5" in shown) == (True, True, True)

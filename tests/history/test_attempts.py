"""Attempts at one scenario side by side, and a redo beside its original."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from evaluations.models import BehaviourResult, Evaluation, SelfAssessment, SkillScore
from history import attempts, comparable_attempts
from practice.models import PracticeSession, Scenario
from tests import cast
from tests.history.cast import past_session, scored

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario(title="Deadlines keep slipping")


def tries(scenario: Scenario, *answers: dict[str, Any]) -> list[PracticeSession]:
    return [scored(past_session(scenario, at=NOW + timedelta(days=day)), **one) for day, one in enumerate(answers)]


def grid(scenario: Scenario) -> attempts.AttemptGrid:
    sessions = list(comparable_attempts.of_scenario("pilot-user", scenario.pk))
    return attempts.grid(sessions, newest_number=len(sessions))


def changes(rows: Sequence[attempts.BehaviourRow]) -> dict[str, list[str]]:
    return {row.key: [cell.change for cell in row.cells] for row in rows}


def test_the_grid_says_what_changed_from_try_to_try(scenario: Scenario) -> None:
    tries(
        scenario,
        {"rating": 2, "names": "notShown", "asks": "shown", "blames": "shown"},
        {"rating": None, "names": "unsure", "asks": "notShown", "blames": "shown"},
        {"rating": 4, "names": "shown", "asks": "notApplicable", "blames": "notShown"},
    )
    (skill,) = grid(scenario).skills
    assert [(cell.rating, cell.change) for cell in skill.ratings] == [(2, 0), (None, 0), (4, 2)]
    assert changes(skill.behaviours) == {
        "names": ["", "", "gained"],
        "asks": ["", "lost", ""],
        "blames": ["", "", "gained"],
    }


def test_attempts_that_never_began_or_are_somebody_elses_are_left_out(scenario: Scenario) -> None:
    held = past_session(scenario, at=NOW)
    never = past_session(scenario, at=NOW + timedelta(hours=1))
    PracticeSession.objects.filter(pk=never.pk).update(started_at=None)
    past_session(scenario, at=NOW, user="sam")
    past_session(cast.scenario(), at=NOW)
    assert [one.session.pk for one in grid(scenario).attempts] == [held.pk]


def test_attempts_with_nothing_to_rate_are_left_out_unless_there_are_no_others(scenario: Scenario) -> None:
    silent, awaited = (past_session(scenario, at=NOW + timedelta(hours=hour)) for hour in (1, 2))
    scored(silent).evaluation.scores.all().delete()
    Evaluation.objects.create(session=awaited, status="pending", queued_at=NOW, next_attempt_at=NOW)
    assert [one.session.pk for one in grid(scenario).attempts] == [awaited.pk]
    awaited.delete()
    assert [one.session.pk for one in grid(scenario).attempts] == [silent.pk]


def test_the_page_leads_to_each_attempt_and_each_quote(client: Client, scenario: Scenario) -> None:
    first, second = tries(scenario, {"names": "notShown"}, {"names": "shown"})
    page = client.get(f"/history/attempts/{scenario.pk}/").content.decode()
    assert f'href="/history/{first.pk}/"' in page
    assert f'href="/history/{second.pk}/#turn-1"' in page
    assert "Shown this time:" in page
    assert "Behaviour names" in page


def test_a_comparison_is_offered_once_there_are_two_attempts(client: Client, scenario: Scenario) -> None:
    """A session that never began, or is still going on, is none."""
    first = past_session(scenario, at=NOW)
    never = past_session(scenario, at=NOW + timedelta(hours=1))
    PracticeSession.objects.filter(pk=never.pk).update(started_at=None)
    pages = ("/history/", f"/history/{first.pk}/", f"/sessions/{first.pk}/")
    offered = f'href="/history/attempts/{scenario.pk}/"'
    assert [offered in client.get(page).content.decode() for page in pages] == [False] * 3
    past_session(scenario, at=NOW + timedelta(hours=2))
    assert [offered in client.get(page).content.decode() for page in pages] == [True] * 3


@pytest.mark.parametrize(
    "redone",
    [{"status": "pending", "next_attempt_at": NOW}, {"status": "failed", "last_error": "No answer."}],
    ids=["redone", "not redone"],
)
def test_an_attempt_keeps_its_column_while_its_feedback_is_redone(scenario: Scenario, redone: dict[str, Any]) -> None:
    first, _ = tries(scenario, {"rating": 2, "names": "notShown"}, {"rating": 4, "names": "shown"})
    Evaluation.objects.filter(session=first).update(completed_at=None, **redone)
    (skill,) = grid(scenario).skills
    assert [cell.rating for cell in skill.ratings] == [2, 4]


def test_an_attempt_without_feedback_says_why_below_the_grid_and_has_no_column(
    client: Client, scenario: Scenario
) -> None:
    failed, rated_only, _ = tries(scenario, {}, {}, {"names": "shown", "asks": "notShown"})
    Evaluation.objects.filter(session=failed).update(
        status="failed", completed_at=None, summary="", last_error="No answer."
    )
    SkillScore.objects.filter(evaluation__session=failed).delete()
    page = client.get(f"/history/attempts/{scenario.pk}/").content.decode()
    assert [page.count(words) for words in ("Feedback failed", "Ratings only", "Not looked at")] == [1, 1, 0]
    table, below = page.split("</table>")
    assert ["Attempt 1" in table, "Attempt 1" in below, "Attempt 2" in table] == [False, True, True]
    assert f'href="/history/{failed.pk}/"' in below
    BehaviourResult.objects.create(
        score=SkillScore.objects.get(evaluation__session=rated_only), position=0, key="names", text="Behaviour names",
        kind="do", answer="notShown",
    )  # fmt: skip
    page = client.get(f"/history/attempts/{scenario.pk}/").content.decode()
    assert [page.count(words) for words in ("Ratings only", "Not looked at")] == [0, 1]


def test_older_attempts_are_on_further_pages_and_keep_their_numbers(client: Client, scenario: Scenario) -> None:
    tries(scenario, *[{"names": "shown"}] * 8)
    newest = client.get(f"/history/attempts/{scenario.pk}/").content.decode()
    assert [f"Attempt {number}<" in newest for number in (2, 3, 8)] == [False, True, True]
    older = client.get(f"/history/attempts/{scenario.pk}/?page=2").content.decode()
    assert [f"Attempt {number}<" in older for number in (1, 2, 3)] == [True, True, False]


def test_the_attempts_page_takes_a_constant_number_of_queries(
    client: Client, scenario: Scenario, django_assert_max_num_queries: Any
) -> None:
    for _ in range(2):
        tries(scenario, *[{"names": "shown", "asks": "notShown"}] * 6)
        with django_assert_max_num_queries(11):
            client.get(f"/history/attempts/{scenario.pk}/")


def test_an_unpublished_scenarios_attempts_are_shown_only_to_those_who_practised_it(
    client: Client, scenario: Scenario
) -> None:
    assert "No attempt yet" in client.get(f"/history/attempts/{scenario.pk}/").content.decode()
    Scenario.objects.update(status="draft")
    assert client.get(f"/history/attempts/{scenario.pk}/").status_code == 404
    tries(scenario, {"names": "shown"})
    assert client.get(f"/history/attempts/{scenario.pk}/").status_code == 200
    assert client.get("/history/attempts/none/").status_code == 404


def test_no_rating_is_shown_before_the_own_view_is_given_or_skipped(client: Client, scenario: Scenario) -> None:
    session = scored(past_session(scenario, at=NOW), rating=4, names="shown")
    again = past_session(scenario, at=NOW + timedelta(days=1))
    PracticeSession.objects.filter(pk=again.pk).update(continues_from=session, continues_at=1)
    scored(again, rating=5, names="shown")
    Evaluation.objects.update(opened_at=None)
    addresses = [
        "/history/",
        f"/history/attempts/{scenario.pk}/",
        f"/history/{again.pk}/compare/",
        "/progress/",
    ]
    told = {address: client.get(address).content.decode() for address in addresses}
    assert [address for address, page in told.items() if re.search(r"[45] of 5", page)] == []
    assert "Give your own view first" in told["/history/"]
    assert "Your feedback is waiting" in told["/progress/"]
    assert f'href="/history/{again.pk}/">Open the latest feedback' in told["/progress/"]
    SelfAssessment.objects.bulk_create(
        SelfAssessment(session=one, answers=[], note="", created_at=NOW, updated_at=NOW) for one in (session, again)
    )
    told = {address: client.get(address).content.decode() for address in addresses}
    assert [address for address, page in told.items() if not re.search(r"[45] of 5", page)] == []
    assert "waiting" not in told["/progress/"]

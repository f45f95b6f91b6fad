"""A trainee finds any past session."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from history.queries import Filters, Sort, page_of, scenarios_practised, sessions_of
from practice.models import PracticeSession, Scenario
from tests.history.cast import past_session

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def deadlines() -> Scenario:
    return Scenario.objects.create(
        external_id="late", title="Deadlines keep slipping", category="Work", objective="Agree on a date"
    )


@pytest.fixture
def flatmate() -> Scenario:
    return Scenario.objects.create(
        external_id="flat", title="Asking a roommate to move out", category="Home", objective="Éva agrees to leave"
    )


def titles(filters: Filters, **page: int) -> list[str]:
    return [session.scenario_title for session in page_of("pilot-user", filters, **page).items]


def test_newest_comes_first_unless_oldest_is_asked_for(deadlines: Scenario, flatmate: Scenario) -> None:
    past_session(deadlines, at=NOW)
    past_session(flatmate, at=NOW + timedelta(hours=1))
    assert titles(Filters()) == [flatmate.title, deadlines.title]
    assert titles(Filters(sort=Sort.OLDEST)) == [deadlines.title, flatmate.title]


def test_pages_cover_every_session_once_even_when_they_began_at_the_same_moment(deadlines: Scenario) -> None:
    made = {past_session(deadlines, at=NOW).pk for _ in range(45)}
    pages = [page_of("pilot-user", Filters(), number=number) for number in (1, 2, 3, 4)]
    assert [len(page.items) for page in pages] == [20, 20, 5, 0]
    assert {session.pk for page in pages for session in page.items} == made
    assert {(page.total, page.pages) for page in pages} == {(45, 3)}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(search="DEADLINES"), ["Deadlines keep slipping"]),
        (Filters(search="agree on"), ["Deadlines keep slipping"]),
        (Filters(search=" éva "), ["Asking a roommate to move out"]),
        (Filters(search="100%_"), []),
        (Filters(category="Home"), ["Asking a roommate to move out"]),
        (Filters(category="Home", search="deadlines"), []),
    ],
)
def test_filters_and_search_narrow_the_list(
    deadlines: Scenario, flatmate: Scenario, filters: Filters, found: list[str]
) -> None:
    past_session(deadlines, at=NOW)
    past_session(flatmate, at=NOW)
    assert titles(filters) == found


def test_one_scenario_can_be_chosen(deadlines: Scenario, flatmate: Scenario) -> None:
    past_session(deadlines, at=NOW)
    past_session(flatmate, at=NOW)
    assert titles(Filters(scenario_id=flatmate.pk)) == [flatmate.title]
    assert titles(Filters(scenario_id="unknown")) == []


def test_another_trainees_sessions_are_not_there(deadlines: Scenario) -> None:
    past_session(deadlines, at=NOW, user="sam")
    assert page_of("pilot-user", Filters()).total == 0
    assert scenarios_practised("pilot-user") == []


def test_a_page_costs_the_same_number_of_queries_for_any_history(
    deadlines: Scenario, flatmate: Scenario, django_assert_num_queries
) -> None:
    PracticeSession.objects.all().delete()
    for number in range(60):
        past_session(deadlines if number % 2 else flatmate, at=NOW + timedelta(minutes=number))
    with django_assert_num_queries(3):
        page_of("pilot-user", Filters(search="deadlines"))


@pytest.mark.parametrize("filters", [Filters(), Filters(category="Work"), Filters(sort=Sort.OLDEST)])
def test_an_index_answers_every_page(deadlines: Scenario, filters: Filters) -> None:
    plan = sessions_of("pilot-user", filters)[:20].explain()
    if connection.vendor == "sqlite":
        assert "SCAN" not in plan
        assert "session_" in plan

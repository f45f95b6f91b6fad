"""A trainee finds any past session."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from history import queries
from history.queries import FoundSessions, HistoryFilters, Sort, find
from practice.lifecycle import Difficulty
from practice.models import Scenario
from tests.history.cast import past_session

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


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


def found(**filters: Any) -> FoundSessions:
    return find("pilot-user", HistoryFilters(**filters))


def titles(**filters: Any) -> list[str]:
    return [session.scenario_title for session in found(**filters)[:20]]


def test_newest_comes_first_unless_oldest_is_asked_for(deadlines: Scenario, flatmate: Scenario) -> None:
    past_session(deadlines, at=NOW)
    past_session(flatmate, at=NOW + timedelta(hours=1))
    assert titles() == [flatmate.title, deadlines.title]
    assert titles(sort=Sort.OLDEST) == [deadlines.title, flatmate.title]


@pytest.mark.parametrize("sort", Sort)
def test_pages_cover_every_session_once_even_when_they_began_at_the_same_moment(
    deadlines: Scenario, flatmate: Scenario, sort: Sort
) -> None:
    made = [past_session(scenario, at=NOW).pk for scenario in (deadlines, flatmate) for _ in range(23)]
    pages = [found(sort=sort)[start : start + 20] for start in (0, 20, 40, 60)]
    assert [len(page) for page in pages] == [20, 20, 6, 0]
    assert [session.pk for page in pages for session in page] == sorted(made, reverse=sort is Sort.NEWEST)
    assert len(found()) == 46


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"search": "DEADLINES"}, ["Deadlines keep slipping"]),
        ({"search": "agree on"}, ["Deadlines keep slipping"]),
        ({"search": " éva "}, ["Asking a roommate to move out"]),
        ({"search": "搬出去"}, ["请室友搬出去"]),
        ({"search": "100%_"}, []),
        ({"category": "Home"}, ["请室友搬出去", "Asking a roommate to move out"]),
        ({"category": "Home", "search": "deadlines"}, []),
        ({"search": "out", "category": "Home"}, ["Asking a roommate to move out"]),
    ],
)
def test_filters_and_search_narrow_the_list(
    deadlines: Scenario, flatmate: Scenario, filters: dict[str, str], expected: list[str]
) -> None:
    chinese = Scenario.objects.create(external_id="zh", title="请室友搬出去", category="Home", objective="室友同意搬走")
    for hours, scenario in enumerate((deadlines, flatmate, chinese)):
        past_session(scenario, at=NOW + timedelta(hours=hours))
    assert titles(**filters) == expected
    assert len(found(**filters)) == len(expected)


def test_one_scenario_can_be_chosen(deadlines: Scenario, flatmate: Scenario) -> None:
    past_session(deadlines, at=NOW)
    past_session(flatmate, at=NOW)
    assert titles(scenario_id=flatmate.pk) == [flatmate.title]
    assert titles(scenario_id="unknown") == []


def test_one_difficulty_can_be_chosen_also_within_other_filters(deadlines: Scenario, flatmate: Scenario) -> None:
    tough = [
        past_session(scenario, at=NOW + timedelta(minutes=number), difficulty=Difficulty.TOUGH).pk
        for number, scenario in enumerate([deadlines, flatmate] * 15)
    ]
    past_session(deadlines, at=NOW + timedelta(hours=1))
    assert [one.pk for one in found(difficulty="tough")[:20]] == tough[::-1][:20]
    assert [one.pk for one in found(difficulty="tough")[20:40]] == tough[::-1][20:]
    assert len(found(difficulty="tough")) == 30
    assert len(found(difficulty="tough", category="Home")) == 15
    assert len(found(difficulty="gentle")) == 0


def test_another_trainees_sessions_are_not_there(deadlines: Scenario) -> None:
    past_session(deadlines, at=NOW, user="sam")
    assert (len(found()), found()[:20], found().scenarios) == (0, [], [])


@pytest.fixture
def shelf() -> list[Scenario]:
    """Six scenarios, half of them at work; sessions of them follow each other in turn."""
    return [
        Scenario.objects.create(
            external_id=f"s{number}", title=f"Scenario {number}", category="Work" if number % 2 else "Home"
        )
        for number in range(6)
    ]


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("branches", [0, queries.BRANCHES_MAX])
def test_every_slice_of_a_filtered_list_is_the_same_by_whichever_way(
    shelf: list[Scenario], sort: Sort, branches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "BRANCHES_MAX", branches)
    for number in range(30):
        past_session(shelf[number % 6], at=NOW + timedelta(hours=number))
    expected = [number for number in range(30) if number % 2]
    if sort is Sort.NEWEST:
        expected.reverse()
    hours = {NOW + timedelta(hours=number): number for number in range(30)}
    for start in range(0, 15, 2):
        page = found(category="Work", sort=sort)[start : start + 2]
        assert [hours[session.sorted_at] for session in page] == expected[start : start + 2]

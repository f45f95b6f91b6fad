"""The list of past sessions: order, pages, filters, search and weeks."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from history import queries
from history.queries import FoundSessions, HistoryFilters, Sort, find
from practice.lifecycle import Difficulty, Reason
from practice.models import PracticeSession, Scenario
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
def test_pages_show_every_session_once_even_if_several_began_at_the_same_moment(
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


def test_one_difficulty_can_be_chosen_together_with_other_filters(deadlines: Scenario, flatmate: Scenario) -> None:
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


def test_another_trainees_sessions_are_not_listed(deadlines: Scenario) -> None:
    past_session(deadlines, at=NOW, user="sam")
    assert (len(found()), found()[:20], found().scenarios) == (0, [], [])


@pytest.fixture
def six_scenarios() -> list[Scenario]:
    """Six scenarios, alternating between the categories Home and Work."""
    return [
        Scenario.objects.create(
            external_id=f"s{number}", title=f"Scenario {number}", category="Work" if number % 2 else "Home"
        )
        for number in range(6)
    ]


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("branches", [0, queries.BRANCHES_MAX])
def test_both_ways_of_reading_a_filtered_list_give_the_same_slices(
    six_scenarios: list[Scenario], sort: Sort, branches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "BRANCHES_MAX", branches)
    for number in range(30):
        past_session(six_scenarios[number % 6], at=NOW + timedelta(hours=number))
    expected = [number for number in range(30) if number % 2]
    if sort is Sort.NEWEST:
        expected.reverse()
    hours = {NOW + timedelta(hours=number): number for number in range(30)}
    for start in range(0, 15, 2):
        page = found(category="Work", sort=sort)[start : start + 2]
        assert [hours[session.sorted_at] for session in page] == expected[start : start + 2]


def test_an_outcome_can_be_chosen_and_a_reached_goal_outranks_the_end_reason(deadlines: Scenario) -> None:
    made = {
        reason: past_session(deadlines, at=NOW + timedelta(hours=hour), reason=reason).pk
        for hour, reason in enumerate((Reason.MANUAL, Reason.IDLE, Reason.QA_ERROR, Reason.OBJECTIVE_MET))
    }
    PracticeSession.objects.filter(pk=made[Reason.OBJECTIVE_MET]).update(objective_status="succeeded")
    reached = past_session(deadlines, at=NOW, reason=Reason.MANUAL).pk
    PracticeSession.objects.filter(pk=reached).update(objective_status="succeeded")

    def having(outcome: str) -> list[str]:
        return [one.pk for one in found(outcome=outcome)[:20]]

    assert having("reached") == [made[Reason.OBJECTIVE_MET], reached]
    assert having("stopped") == [made[Reason.MANUAL]]
    assert having("ran_out") == [made[Reason.IDLE]]
    assert having("broken_off") == [made[Reason.QA_ERROR]]
    assert having("missed") == having("under_way") == []


def test_the_date_range_is_inclusive_and_in_the_readers_time_zone(client: Client, deadlines: Scenario) -> None:
    late = past_session(deadlines, at=datetime(2026, 1, 5, 23, 30, tzinfo=UTC)).pk

    def is_there(query: str) -> bool:
        return late in client.get(f"/history/?{query}").content.decode()

    assert is_there("since=2026-01-05&until=2026-01-05")
    client.cookies["timezone"] = "Asia/Shanghai"
    assert not is_there("until=2026-01-05")
    assert is_there("since=2026-01-06&until=2026-01-06")
    for odd in ("since=yesterday", "until=0001-01-01", "since=9999-12-31", "until=2026-02-30", "since=20260105T00"):
        assert is_there(odd), odd


def test_months_are_offered_as_a_date_range_in_the_pages_language(
    client: Client, deadlines: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    past_session(deadlines, at=datetime(2024, 2, 29, 12, 0, tzinfo=UTC))
    monkeypatch.setattr("coach.clock.now", lambda: datetime(2024, 3, 31, 12, 0, tzinfo=UTC))
    page = client.get("/history/?until=2024-02-29").content.decode()
    assert '<option value="2024-02-01">February 2024</option>' in page
    assert '<option value="2024-02-29" selected>February 2024</option>' in page
    page = client.get("/history/?since=2024-02-05", headers={"accept-language": "zh"}).content.decode()
    assert '<option value="2024-02-05" selected>2024年2月5日</option>' in page
    assert '<option value="2023-04-30">2023年4月</option>' in page


def test_sessions_are_grouped_by_week_in_the_readers_time_zone(
    client: Client, deadlines: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coach.clock.now", lambda: datetime(2026, 1, 14, 9, 0, tzinfo=UTC))
    for day in (4, 5, 11, 12):
        past_session(deadlines, at=datetime(2026, 1, day, 12, 0, tzinfo=UTC))
    past_session(deadlines, at=datetime(2026, 1, 11, 23, 0, tzinfo=UTC))

    def weeks() -> list[tuple[str, int]]:
        parts = client.get("/history/").content.decode().split('<section class="history-week"')[1:]
        return [(re.findall(r"<h2[^>]*>([^<]+)", part)[0], part.count('class="history-row"')) for part in parts]

    assert weeks() == [("This week", 1), ("Last week", 3), ("Week of 29 Dec 2025", 1)]
    client.cookies["timezone"] = "Asia/Shanghai"
    assert weeks() == [("This week", 2), ("Last week", 2), ("Week of 29 Dec 2025", 1)]


def test_removing_a_filter_says_how_many_sessions_it_brings_back(
    client: Client, deadlines: Scenario, flatmate: Scenario
) -> None:
    past_session(deadlines, at=NOW)
    past_session(deadlines, at=NOW)
    past_session(flatmate, at=NOW)
    chips = client.get("/history/?category=Work&search=dead").content.decode()
    assert 'href="?search=dead"' in chips
    nothing = client.get("/history/?category=Home&search=dead").content.decode()
    assert "Remove a filter to see results:" in nothing
    assert "Clear Home (2 sessions)" in nothing
    assert "Clear “dead” (1 session)" in nothing

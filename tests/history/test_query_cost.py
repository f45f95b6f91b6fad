"""A history page's work in the database, in SQLite virtual-machine steps or in rows that PostgreSQL reads."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from practice.models import Scenario
from tests.history.cast import past_sessions

NOW = datetime(2016, 1, 5, 9, 0, tzinfo=UTC)
FEW, MANY = 200, 4000

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def scenarios() -> list[Scenario]:
    return [
        Scenario.objects.create(
            external_id=f"s{number}", title=f"Scenario {number}", category=f"Category {number % 3}", objective="Agree"
        )
        for number in range(9)
    ]


def analyzed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def work(ask: Callable[[], Any]) -> int:
    """The database's work while `ask` runs."""
    return _steps(ask) if connection.vendor == "sqlite" else _rows(ask)


def _steps(ask: Callable[[], Any]) -> int:
    done = 0

    def count() -> int:
        nonlocal done
        done += 1
        return 0

    connection.connection.set_progress_handler(count, 10)
    try:
        ask()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return done * 10


def _rows(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        ask()
    read = 0
    with connection.cursor() as cursor:
        for query in asked:
            if query["sql"].startswith("SELECT"):
                cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query["sql"].replace("%", "%%"), [])
                (plan,) = cursor.fetchone()
                read += _read_by((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return read


def _read_by(node: dict[str, Any]) -> int:
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    own = (node["Actual Rows"] + removed) * node["Actual Loops"] if "Scan" in node["Node Type"] else 0
    return int(own) + sum(_read_by(child) for child in node.get("Plans", []))


QUERIES = [
    "",
    "sort=startedAtAsc",
    "category=Category+1&search=a",
    "category=Category+1&sort=startedAtAsc",
    "scenarioId={scenario}",
    "search=nothing+of+that",
    "said=nothing+of+that",
    "since=2016-01-06&until=2016-01-07",
    "page=last",
]


def test_a_page_costs_the_same_with_twenty_times_as_many_sessions(client: Client, scenarios: list[Scenario]) -> None:
    paths = [f"/history/?{query}".format(scenario=scenarios[0].pk) for query in QUERIES]

    def costs() -> dict[str, int]:
        analyzed()
        return {path: work(lambda: client.get(path)) for path in paths}  # noqa: B023

    past_sessions(scenarios, FEW, at=NOW)
    costs()
    few = costs()
    past_sessions(scenarios, MANY - FEW, at=NOW)
    many = costs()
    assert {path: (few[path], many[path]) for path in paths if not 0 < many[path] < 1.5 * few[path] + 100} == {}


def test_the_number_of_queries_does_not_grow(
    client: Client, scenarios: list[Scenario], django_assert_num_queries
) -> None:
    for count in (30, 300):
        past_sessions(scenarios, count, at=NOW)
        for query in ("", "category=Category+1&search=a", "page=2"):
            with django_assert_num_queries(5):
                client.get(f"/history/?{query}")
            with django_assert_num_queries(3):
                client.get(f"/api/sessions?historyStepCount=1&{query}")

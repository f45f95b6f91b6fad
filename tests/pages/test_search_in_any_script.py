"""In catalog, history, API and admin, on every database, a search finds text that looks the same."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from coach import identity
from practice.models import PracticeSession, Scenario
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

TITLES = {
    "istanbul": "A night in İstanbul",
    "nbsp": "Leading\u00a0people\u3000home",
    "family": "Talk 👨‍👩‍👧 over",
    "composed": "The café",
    "numbers": "Order 12345678901234567890",
    "sharp": "Straße frei",
}
CATEGORIES = ["Leading\u00a0people", "家\u3000庭", "👨‍👩‍👧 Family", "Café", "Cafe\u0301"]
SEARCHES = [
    ("istanbul", "istanbul"), ("İSTANBUL", "istanbul"), ("leading people home", "nbsp"), ("👨‍👩‍👧", "family"),
    ("cafe\u0301", "composed"), ("CAFE", "composed"), ("12345678901234567890", "numbers"), ("STRASSE", "sharp"),
]  # fmt: skip


@pytest.fixture
def library() -> dict[str, Scenario]:
    return {key: cast.scenario(title=title) for key, title in TITLES.items()}


@pytest.mark.parametrize(("typed", "key"), SEARCHES)
def test_catalog_and_api_find_it(client: Client, library: dict[str, Scenario], typed: str, key: str) -> None:
    found = client.get("/api/scenarios", {"search": typed}).json()["items"]
    assert [one["title"] for one in found] == [TITLES[key]]
    assert TITLES[key] in client.get("/", {"search": typed}).content.decode()


@pytest.mark.parametrize(("typed", "key"), SEARCHES)
def test_the_history_finds_it(client: Client, library: dict[str, Scenario], typed: str, key: str) -> None:
    now = datetime.now(UTC)
    for scenario in library.values():
        PracticeSession.objects.create(
            user_id=identity.trainee(), scenario=scenario, scenario_title=scenario.title, brief={}, language="en",
            client_session_started_at=now, created_at=now, sorted_at=now, idle_limit_seconds=8,
            duration_limit_seconds=300,
        )  # fmt: skip
    found = client.get("/api/sessions", {"historyStepCount": 1, "search": typed}).json()["items"]
    assert [one["scenarioTitle"] for one in found] == [TITLES[key]]


@pytest.mark.parametrize(("typed", "key"), SEARCHES)
def test_the_admin_finds_it(admin_client: Client, library: dict[str, Scenario], typed: str, key: str) -> None:
    page = admin_client.get("/admin/practice/scenario/", {"q": f'"{typed}"'}).content.decode()
    assert [title for title in TITLES.values() if title in page] == [TITLES[key]]


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_is_found_by_its_own_chip(client: Client, category: str) -> None:
    cast.scenario(title="The one", category=category)
    cast.scenario(title="Another", category="Other")
    found = client.get("/api/scenarios", {"category": category}).json()["items"]
    assert [one["title"] for one in found] == ["The one"]
    assert b"The one" in client.get("/", {"category": category}).content
    assert b"Another" not in client.get("/", {"category": category}).content


@pytest.mark.parametrize("nothing", ["\u200b", "\u3000\u00a0", "\u2060\ufeff", "\u3164"])
def test_a_search_for_nothing_visible_is_no_search(client: Client, library: dict[str, Scenario], nothing: str) -> None:
    assert len(client.get("/api/scenarios", {"search": nothing}).json()["items"]) == len(TITLES)

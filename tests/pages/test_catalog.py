"""Finding a scenario: over HTTP, with and without htmx."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from practice.models import Scenario
from tests import cast
from tests.pages import library

Shelf = dict[str, Scenario]
HTMX = {"HX-Request": "true", "HX-Target": "shelf"}


def titles(client: Client, query: str = "", **headers: str) -> list[str]:
    page = client.get(f"/{query}", headers=headers).content.decode()
    return [unescape(title) for title in re.findall(r'scenario-card-title">(.*?)<', page)]


def chips(client: Client, facet: str, query: str = "") -> dict[str, int]:
    page = unescape(client.get(f"/{query}").content.decode())
    group = page.partition(f'aria-label="{facet}"')[2].partition("</div>")[0]
    found = re.findall(r'<span(?: lang="[^"]*")?>([^<]+)</span> <span class="chip-count">(\d+)', group)
    return {name: int(count) for name, count in found}


def test_shows_what_may_be_started_and_nothing_else(client: Client, shelf: Shelf) -> None:
    assert set(titles(client)) == {shelf[key].title for key in ("late", "boss", "rent", "cafe", "family")}


def test_a_card_tells_category_title_what_is_hard_who_and_minutes(client: Client, shelf: Shelf) -> None:
    page = client.get("/?search=slipped").content.decode()
    card = page.partition('class="card scenario-card"')[2].partition("</a>")[0]
    for words in ("Work", "The deadline that slipped again", "Sam has been late three times.", "Sam Okafor", "6 min"):
        assert words in card


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?search=SLIPPED", ["late"]),
        ("?search=launch+date", ["boss"]),
        ("?search=caf%C3%A9", ["cafe"]),
        ("?search=%E7%BB%93%E5%A9%9A", ["family"]),
        ("?search=%25", []),
        ("?search=++slipped+", ["late"]),
        ("?category=Home", ["cafe", "rent"]),
        ("?skill=limits", ["late", "boss", "rent"]),
        ("?language=zh", ["family"]),
        ("?category=Home&skill=limits", ["rent"]),
        ("?search=agree&category=Work&language=en&skill=listening", ["late"]),
        ("?category=Nowhere", []),
    ],
)
def test_filters_and_search_narrow_together(client: Client, shelf: Shelf, query: str, expected: list[str]) -> None:
    assert set(titles(client, query)) == {shelf[key].title for key in expected}


def test_a_skill_may_be_named_by_its_id(client: Client, shelf: Shelf) -> None:
    key = shelf["boss"].ordered_skills()[0].pk
    assert set(titles(client, f"?skill={key}")) == {shelf[each].title for each in ("late", "boss", "rent")}
    assert 'aria-current="true"' in client.get(f"/?skill={key}").content.decode()


def test_counts_say_what_each_choice_would_leave(client: Client, shelf: Shelf) -> None:
    assert chips(client, "Category") == {"Work": 2, "Home": 2, "家庭": 1}
    assert chips(client, "Category", "?skill=limits") == {"Work": 2, "Home": 1, "家庭": 0}
    assert chips(client, "Skill", "?category=Home") == {"Listening": 1, "Setting limits": 1}
    # A facet's own choice does not narrow its own counts: they say what a change of mind would show.
    assert chips(client, "Category", "?category=Home") == {"Work": 2, "Home": 2, "家庭": 1}


def test_scenarios_in_the_readers_language_come_first(client: Client, shelf: Shelf) -> None:
    assert titles(client)[-1] == shelf["family"].title
    assert titles(client, "", **{"Accept-Language": "zh-CN"})[0] == shelf["family"].title


def test_nothing_found_says_which_filter_to_drop(client: Client, shelf: Shelf) -> None:
    page = unescape(client.get("/?search=slipped&category=Home").content.decode())
    assert "Drop “slipped” and see 2 scenarios" in page
    assert "Drop “Home” and see 1 scenario" in page
    assert 'href="/?category=Home" data-drop="search"' in page


def test_when_no_single_filter_helps_all_can_be_dropped(client: Client, shelf: Shelf) -> None:
    page = client.get("/?search=xyzzy&category=Nowhere").content.decode()
    assert 'href="/" data-drop="all"' in page


def test_an_empty_shelf_says_what_to_do(client: Client, db: None) -> None:
    assert "The shelf is still empty" in client.get("/").content.decode()


def test_htmx_gets_the_shelf_alone_and_the_address_follows(client: Client, shelf: Shelf) -> None:
    answer = client.get("/?search=slipped&category=&skill=", headers=HTMX)
    assert "<html" not in answer.content.decode()
    assert answer["HX-Push-Url"] == "/?search=slipped"
    assert "HX-Request" in answer["Vary"]


def test_typing_on_in_a_search_is_one_step_back(client: Client, shelf: Shelf) -> None:
    answer = client.get("/?search=slipped", headers=HTMX | {"HX-Current-URL": "http://testserver/?search=slip"})
    assert answer["HX-Replace-Url"] == "/?search=slipped"
    assert "HX-Push-Url" not in answer
    # A filter chosen within that search is a step of its own.
    chosen = client.get(
        "/?search=slip&category=Work", headers=HTMX | {"HX-Current-URL": "http://testserver/?search=slip"}
    )
    assert chosen["HX-Push-Url"] == "/?search=slip&category=Work"


def test_going_back_gets_the_whole_page(client: Client, shelf: Shelf) -> None:
    answer = client.get("/?search=slipped", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?search=%00",
        "?search=" + "x" * 5000,
        "?page=-3",
        "?page=999999999999999999999",
        "?skill=%ED%A0%80",
        "?language[]=x",
    ],
)
def test_hostile_queries_are_answered(client: Client, shelf: Shelf, query: str) -> None:
    assert client.get(f"/{query}").status_code == 200


def test_words_of_a_search_are_shown_as_words(client: Client, shelf: Shelf) -> None:
    page = client.get("/?search=%3Cscript%3Ealert(1)%3C/script%3E").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_longer_shelf_costs_no_more_queries(client: Client, shelf: Shelf, django_assert_num_queries: Any) -> None:
    some_skill = shelf["late"].ordered_skills()[0]
    with django_assert_num_queries(4):
        client.get("/")
    for number in range(120):
        library.scenario(f"more-{number}", f"Talk number {number}", skills=[some_skill], category=f"C{number % 9}")
    with django_assert_num_queries(4):
        assert len(titles(client)) == 48
    assert len(titles(client, "?page=3")) == 125 - 96


def test_a_scenario_page_tells_both_people_goal_ends_rubrics_and_limits(client: Client, shelf: Shelf) -> None:
    page = unescape(client.get(f"/scenarios/{shelf['late'].pk}/").content.decode())
    for words in (
        *(
            "Sam has been <strong>late</strong> three times.",
            "Jordan",
            "You avoid conflict.",
            "Sam Okafor",
            "Developer",
        ),
        *("You joke when it gets close.", "Agree on one change.", "Both said yes to one change."),
        *("Listening", "Says it, and checks that it arrived.", "after 6 minutes", "25 seconds"),
    ):
        assert words in page


def test_the_difficulty_is_chosen_beside_start_where_it_changes_something(client: Client, shelf: Shelf) -> None:
    scenario = shelf["late"]
    address = f"/scenarios/{scenario.pk}/"
    assert 'name="difficulty"' not in client.get(address).content.decode()
    Scenario.objects.filter(pk=scenario.pk).update(ai_persona_brief=cast.role_brief())
    page = client.get(address).content.decode()
    values = re.findall(r'name="difficulty" value="(\w+)"', page)
    assert values == ["gentle", "realistic", "tough"]
    assert re.findall(r'value="(\w+)"[^>]* checked', page) == ["realistic"]
    for words in ("They open up sooner.", "As it would be in life.", "They are wary from the start"):
        assert words in page
    assert "speaks lines written for this role, chosen by what you say" in page


def test_a_chinese_scenario_marks_its_words_as_chinese(client: Client, shelf: Shelf) -> None:
    page = client.get(f"/scenarios/{shelf['family'].pk}/").content.decode()
    assert '<html lang="en">' in page
    assert re.search(r'<main [^>]*lang="zh-Hans"', page)


@pytest.mark.parametrize("key", ["draft", "deleted", "nobody", "endless", "unskilled", "withdrawn"])
def test_what_may_not_be_started_is_not_found(client: Client, shelf: Shelf, key: str) -> None:
    answer = client.get(f"/scenarios/{shelf[key].pk}/")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


def test_only_reading_is_allowed(client: Client, shelf: Shelf) -> None:
    assert client.post("/").status_code == 405
    assert client.head(f"/scenarios/{shelf['late'].pk}/").status_code == 200


@pytest.mark.parametrize("address", ["/", "/api/scenarios?limit=100"])
def test_more_scenarios_cost_no_more_queries(client: Client, shelf: Shelf, address: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for _ in range(30):
        cast.scenario()
    assert queries() == few


def test_a_card_says_what_is_hard_where_the_curator_wrote_it(client: Client, db: None) -> None:
    cast.scenario(title="Told", hard_part="Saying it before the joke lands.", description="It is a long story.")
    page = client.get("/").content.decode()
    assert "Saying it before the joke lands." in page
    assert "It is a long story." not in page

"""The catalog over HTTP, with and without htmx."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from practice.models import PracticeSession, Scenario
from tests import cast
from tests.pages import library

Catalog = dict[str, Scenario]
HTMX = {"HX-Request": "true", "HX-Target": "shelf"}


def titles(client: Client, query: str = "", **headers: str) -> list[str]:
    page = client.get(f"/{query}", headers=headers).content.decode()
    return [unescape(title) for title in re.findall(r'scenario-card-title">(.*?)<', page)]


def chips(client: Client, facet: str, query: str = "") -> dict[str, int]:
    page = unescape(client.get(f"/{query}").content.decode())
    group = page.partition(f'aria-label="{facet}"')[2].partition("</div>")[0]
    found = re.findall(r'<span>([^<]+)</span> <span class="chip-count">(\d+)', group)
    return {name: int(count) for name, count in found}


def test_the_catalog_shows_only_published_scenarios(client: Client, catalog: Catalog) -> None:
    assert set(titles(client)) == {catalog[key].title for key in ("late", "boss", "rent", "cafe", "family")}


def test_a_card_shows_category_title_the_hard_part_persona_and_minutes(client: Client, catalog: Catalog) -> None:
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
        ("?search=okafor", ["late", "boss", "rent", "cafe", "family"]),
        ("?search=developers", ["late", "boss", "rent", "cafe", "family"]),
        ("?search=team+leads", ["late", "boss", "rent", "cafe", "family"]),
        ("?search=homes", ["rent", "cafe"]),
        ("?search=home+okafor", ["rent", "cafe"]),
        ("?search=bosses", ["boss"]),
        ("?search=deadlines", ["late"]),
        ("?search=listening+home", ["cafe"]),
        ("?search=cafes", ["cafe"]),
        ("?search=cafe%CC%81", ["cafe"]),
        ("?search=%EF%BC%B7%EF%BD%8F%EF%BD%92%EF%BD%8B", ["late", "boss"]),
        ("?search=%E5%AE%B6%E5%BA%AD", ["family"]),
        ("?search=joke", []),
        ("?search=avoid+conflict", []),
    ],
)
def test_filters_and_search_narrow_together(client: Client, catalog: Catalog, query: str, expected: list[str]) -> None:
    assert set(titles(client, query)) == {catalog[key].title for key in expected}


def test_a_skill_may_be_named_by_its_id(client: Client, catalog: Catalog) -> None:
    key = catalog["boss"].ordered_skills()[0].pk
    assert set(titles(client, f"?skill={key}")) == {catalog[each].title for each in ("late", "boss", "rent")}
    assert 'aria-current="true"' in client.get(f"/?skill={key}").content.decode()


def test_each_filter_shows_how_many_scenarios_it_would_leave(client: Client, catalog: Catalog) -> None:
    assert chips(client, "Category") == {"Work": 2, "Home": 2, "家庭": 1}
    assert chips(client, "Category", "?skill=limits") == {"Work": 2, "Home": 1}, "no row without a way on"
    assert chips(client, "Category", "?search=slipped&category=Home") == {"Work": 1, "Home": 0}
    assert chips(client, "Category", "?search=xyzzy") == {}
    assert chips(client, "Skill", "?category=Home") == {"Listening": 1, "Setting limits": 1}
    # A facet's own choice does not narrow its counts: they say what choosing another value would show.
    assert chips(client, "Category", "?category=Home") == {"Work": 2, "Home": 2, "家庭": 1}


def test_scenarios_in_the_readers_language_come_first(client: Client, catalog: Catalog) -> None:
    assert titles(client)[-1] == catalog["family"].title
    assert titles(client, "", **{"Accept-Language": "zh-CN"})[0] == catalog["family"].title


def test_an_empty_result_says_which_filter_to_remove(client: Client, catalog: Catalog) -> None:
    page = unescape(client.get("/?search=slipped&category=Home").content.decode())
    assert "Clear “slipped” (2 scenarios)" in page
    assert "Clear “Home” (1 scenario)" in page
    assert 'href="/?category=Home" data-drop="search"' in page


def test_when_no_single_filter_helps_all_can_be_removed(client: Client, catalog: Catalog) -> None:
    page = client.get("/?search=xyzzy&category=Nowhere").content.decode()
    assert 'href="/" data-drop="all"' in page


def test_an_empty_catalog_says_what_to_do(client: Client, db: None) -> None:
    assert "The catalogue is still empty" in client.get("/").content.decode()


def test_htmx_gets_only_the_results_and_the_url_is_updated(client: Client, catalog: Catalog) -> None:
    answer = client.get("/?search=slipped&category=&skill=", headers=HTMX)
    assert "<html" not in answer.content.decode()
    assert answer["HX-Push-Url"] == "/?search=slipped"
    assert "HX-Request" in answer["Vary"]


def test_typing_in_a_search_adds_one_history_entry(client: Client, catalog: Catalog) -> None:
    answer = client.get("/?search=slipped", headers=HTMX | {"HX-Current-URL": "http://testserver/?search=slip"})
    assert answer["HX-Replace-Url"] == "/?search=slipped"
    assert "HX-Push-Url" not in answer
    # Choosing a filter within that search adds a history entry.
    chosen = client.get(
        "/?search=slip&category=Work", headers=HTMX | {"HX-Current-URL": "http://testserver/?search=slip"}
    )
    assert chosen["HX-Push-Url"] == "/?search=slip&category=Work"


def test_going_back_gets_the_whole_page(client: Client, catalog: Catalog) -> None:
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
def test_hostile_queries_are_answered(client: Client, catalog: Catalog, query: str) -> None:
    assert client.get(f"/{query}").status_code == 200


def test_search_words_are_escaped(client: Client, catalog: Catalog) -> None:
    page = client.get("/?search=%3Cscript%3Ealert(1)%3C/script%3E").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_longer_catalog_takes_no_more_queries(
    client: Client, catalog: Catalog, django_assert_num_queries: Any
) -> None:
    some_skill = catalog["late"].ordered_skills()[0]
    with django_assert_num_queries(6):
        client.get("/")  # the briefs of scenarios that this process has not shown yet are read once
    with django_assert_num_queries(5):
        client.get("/")
    for number in range(120):
        library.scenario(f"more-{number}", f"Talk number {number}", skills=[some_skill], category=f"C{number % 9}")
    with django_assert_num_queries(6):
        assert len(titles(client)) == 48
    with django_assert_num_queries(5):
        assert len(titles(client)) == 48
    assert len(titles(client, "?page=3")) == 125 - 96


def test_a_scenario_page_shows_personas_goal_end_criteria_rubrics_and_limits(client: Client, catalog: Catalog) -> None:
    page = unescape(client.get(f"/scenarios/{catalog['late'].pk}/").content.decode())
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


def test_difficulty_is_offered_beside_start_only_with_a_role_brief(client: Client, catalog: Catalog) -> None:
    scenario = catalog["late"]
    address = f"/scenarios/{scenario.pk}/"
    assert 'name="difficulty"' not in client.get(address).content.decode()
    Scenario.objects.filter(pk=scenario.pk).update(ai_persona_brief=cast.role_brief())
    page = client.get(address).content.decode()
    values = re.findall(r'name="difficulty" value="(\w+)"', page)
    assert values == ["gentle", "realistic", "tough"]
    assert re.findall(r'value="(\w+)"[^>]* checked', page) == ["realistic"]
    for words in ("They open up sooner.", "As in real life.", "They&#x27;re wary and slow"):
        assert words in page
    assert "speaks lines written for this role, chosen by what you say" in page


def test_a_chinese_scenario_marks_its_words_as_chinese(client: Client, catalog: Catalog) -> None:
    page = client.get(f"/scenarios/{catalog['family'].pk}/").content.decode()
    assert '<html lang="en">' in page
    assert re.search(r'<main [^>]*lang="zh-Hans"', page)


@pytest.mark.parametrize("key", ["draft", "deleted", "nobody", "endless", "unskilled", "withdrawn"])
def test_an_unpublished_scenario_is_not_found(client: Client, catalog: Catalog, key: str) -> None:
    answer = client.get(f"/scenarios/{catalog[key].pk}/")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


def test_only_reading_is_allowed(client: Client, catalog: Catalog) -> None:
    assert client.post("/").status_code == 405
    assert client.head(f"/scenarios/{catalog['late'].pk}/").status_code == 200


@pytest.mark.parametrize("address", ["/", "/api/scenarios?limit=100"])
def test_more_scenarios_take_no_more_queries(client: Client, catalog: Catalog, address: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for _ in range(30):
        cast.scenario()
    queries()  # the briefs of scenarios that this process has not shown yet are read once
    assert queries() == few


def test_a_card_shows_the_hard_part_if_the_curator_wrote_one(client: Client, db: None) -> None:
    cast.scenario(title="Told", hard_part="Saying it before the joke lands.", description="It is a long story.")
    page = client.get("/").content.decode()
    assert "Saying it before the joke lands." in page
    assert "It is a long story." not in page


def rows(client: Client, query: str = "") -> list[list[str]]:
    """The categories offered as filters, row by row."""
    page = unescape(client.get(f"/{query}").content.decode())
    group = page.partition('aria-label="Category"')[2].partition("</div>")[0]
    return [re.findall(r"<span>([^<]+)</span> <span", row) for row in group.split("<ul")[1:]]


def test_categories_of_two_languages_never_share_a_row(client: Client, catalog: Catalog) -> None:
    assert rows(client) == [["Home", "Work"], ["家庭"]]
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    page = client.get("/").content.decode()
    assert page.index(">家庭</span>") < page.index(">Home</span>")


def test_cards_of_two_languages_never_share_a_row(client: Client, catalog: Catalog) -> None:
    shelves = client.get("/").content.decode().split('class="shelf"')[1:]
    assert [shelf_of.count("scenario-card-title") for shelf_of in shelves] == [4, 1]


def test_skills_of_two_languages_never_share_a_row(client: Client, catalog: Catalog) -> None:
    library.scenario("zh", "加班", skills=[library.skill("refuse", "拒绝")], category="职场", language="zh")
    page = unescape(client.get("/").content.decode())
    group = page.partition('aria-label="Skill"')[2].partition("</div>")[0]
    assert [re.findall(r"<span>([^<]+)</span> <span", row) for row in group.split("<ul")[1:]] == [
        ["Listening", "Setting limits"],
        ["拒绝"],
    ]


BRIEF = {
    "manner": "Short.",
    "reactions": [
        {"key": "a", "when": "…", "heard": ["A."], "says": ["A."]},
        {"key": "b", "when": "…", "heard": ["B."], "says": ["B."], "needs": {"after": ["a"]}},
        {"key": "c", "when": "…", "heard": ["C."], "says": ["C."], "needs": {"after": ["b"], "trust": 1}, "meets": [1]},
    ],
    "holdsOn": ["No."],
}


def card(client: Client, title: str, **headers: str) -> str:
    page = unescape(client.get("/", headers=headers).content.decode())
    return next(part for part in page.split('class="card scenario-card')[1:] if title in part).partition("</a>")[0]


def test_a_card_shows_skills_and_difficulty(client: Client, catalog: Catalog) -> None:
    Scenario.objects.filter(pk=catalog["late"].pk).update(ai_persona_brief=BRIEF)
    assert "Listening, Setting limits" in strip_tags(card(client, "slipped"))
    assert "Medium" in card(client, "slipped")
    # Without a role brief, the card shows no difficulty.
    assert "Difficulty" not in card(client, "Asking for the rent")


def test_a_card_shows_how_often_and_when_the_trainee_practised_it(client: Client, catalog: Catalog) -> None:
    now = timezone.now()
    for days in (9, 5, 2):
        past_session(catalog["late"], began=now - timedelta(days=days))
    past_session(catalog["boss"], began=now - timedelta(minutes=70))
    past_session(catalog["rent"], began=None)
    past_session(catalog["cafe"], began=now, user_id="somebody-else")
    assert "Practised 3 times, last 2\xa0days ago" in card(client, "slipped")
    assert "Practised once, an\xa0hour ago" in card(client, "Disagree")
    assert "Practised" not in card(client, "rent")
    assert "Practised" not in card(client, "CAFÉ")
    assert "练过 3 次" in card(client, "slipped", **{"Accept-Language": "zh-CN"})
    page = client.get(f"/scenarios/{catalog['late'].pk}/").content.decode()
    link = f'<a class="no-print" href="/history/attempts/{catalog["late"].pk}/">'
    assert f"{link}Practised 3 times, last 2\xa0days ago</a>" in page
    assert "/history/attempts/" not in client.get(f"/scenarios/{catalog['rent'].pk}/").content.decode()


def test_newcomers_are_offered_a_trial_in_their_language(client: Client, catalog: Catalog) -> None:
    skill = catalog["late"].ordered_skills()[0]
    library.scenario("trial", "One minute", skills=[skill], duration_limit_seconds=60)
    library.scenario("zh-trial", "一分钟", skills=[skill], duration_limit_seconds=60, language="zh")
    assert "Start here" in client.get("/").content.decode()
    assert titles(client)[0] == "One minute"
    assert titles(client).count("One minute") == 1, "not in the list again"
    assert f"{len(titles(client)) - 1} more scenarios" in client.get("/").content.decode()
    assert titles(client, "", **{"Accept-Language": "zh-CN"})[0] == "一分钟"
    # Somebody who searches or has practised gets no trial.
    assert "Start here" not in client.get("/?category=Home").content.decode()
    past_session(catalog["late"], began=timezone.now())
    assert "Start here" not in client.get("/").content.decode()


def test_the_first_steps_are_shown_until_seen_or_practised(client: Client, catalog: Catalog) -> None:
    assert "Your first time here?" in client.get("/").content.decode()
    assert "Your first time here?" not in client.get("/?search=late").content.decode()
    client.cookies["onboarded"] = "1"
    assert "Your first time here?" not in client.get("/").content.decode()
    del client.cookies["onboarded"]
    past_session(catalog["late"], began=timezone.now())
    assert "Your first time here?" not in client.get("/").content.decode()


def past_session(scenario: Scenario, *, began: datetime | None, user_id: str = "pilot-user") -> PracticeSession:
    at = began or timezone.now()
    return PracticeSession.objects.create(
        user_id=user_id,
        scenario=scenario,
        scenario_title=scenario.title,
        brief={},
        language=scenario.language,
        status="ended",
        client_session_started_at=at,
        created_at=at,
        started_at=began,
        ended_at=at,
        sorted_at=at,
        idle_limit_seconds=25,
        duration_limit_seconds=300,
        termination_reason="manual",
    )

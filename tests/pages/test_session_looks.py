"""The room, the page after it and the history on a phone and a desktop, light and dark."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from practice.models import PracticeSession, Scenario
from tests.pages import past
from tests.pages.looks import DESK, PHONE, flaws, settled, shifted, visit

pytestmark = pytest.mark.browser

# The test server has no WebSocket and nobody has clicked yet; the console complains about both.
NOT_HERE = ("WebSocket", "AudioContext was not allowed to start")

PATHS = {
    "room": "/sessions/{active}/",
    "after": "/sessions/{scored}/",
    "after, with behaviours": "/sessions/{read}/",
    "after, own view first": "/sessions/{unread}/",
    "feedback alone": "/sessions/{read}/evaluation/",
    "session, with behaviours": "/history/{read}/",
    "history": "/history/",
    "history, nothing found": "/history/?search=xyzzy",
    "session": "/history/{scored}/",
    "session, feedback failed": "/history/{failed}/",
    "session, feedback on its way": "/history/{waiting}/",
    "erase": "/history/{scored}/erase/",
    "erase all": "/history/erase/",
    "take along": "/history/takeout/",
    "redo beside its original": "/history/{redone}/compare/",
    "progress": "/progress/",
    "one skill": "/progress/{skill}/",
}


@pytest.fixture
def sessions(stocked: dict[str, Scenario]) -> dict[str, PracticeSession]:
    made = past.stock(stocked["late"])
    return made | {"redone": past.redone(made["read"])}


def test_axe_finds_nothing(chromium: Browser, live_server: LiveServer, sessions: dict[str, PracticeSession]) -> None:
    keys = {name: session.pk for name, session in sessions.items()}
    keys["skill"] = sessions["scored"].scenario.ordered_skills()[0].pk
    found = {}
    with visit(chromium, reduced_motion="reduce", expected=NOT_HERE) as page:
        for name, path in PATHS.items():
            page.goto(live_server.url + path.format(**keys))
            settled(page)
            if name == "room":
                page.wait_for_load_state("networkidle")  # it fetches further parts of its own
            found[name] = flaws(page, name)
    assert {name: each for name, each in found.items() if each} == {}


def test_arriving_feedback_shifts_nothing_in_view(
    chromium: Browser, live_server: LiveServer, sessions: dict[str, PracticeSession]
) -> None:
    moved = {}
    for size in (PHONE, DESK):
        places = ("/sessions/{read}/", "/sessions/{unread}/", "/sessions/{waiting}/", "/sessions/{failed}/")
        for path in (*places, "/history/{read}/"):
            with visit(chromium, size=size, expected=NOT_HERE) as page:
                page.goto(live_server.url + path.format(**{name: each.pk for name, each in sessions.items()}))
                page.locator(".evaluation").wait_for()
                page.wait_for_load_state("networkidle")
                moved[path[:9] + path[-8:], size[0]] = shifted(page)
    assert {place: far for place, far in moved.items() if far >= 0.02} == {}


def test_ratings_stay_visible_in_forced_colours(
    chromium: Browser, live_server: LiveServer, sessions: dict[str, PracticeSession]
) -> None:
    with visit(chromium, expected=NOT_HERE, forced_colors="active") as page:
        page.goto(f"{live_server.url}/sessions/{sessions['read'].pk}/")
        steps = page.locator('.meter-steps[data-value="2"]').first.locator("span")
        steps.first.wait_for()
        filled, ground = (
            one.evaluate("e => getComputedStyle(e).backgroundColor") for one in (steps.nth(1), page.locator("body"))
        )
        assert filled != ground


def test_the_history_filters_fold_and_show_how_many_are_set(
    chromium: Browser, live_server: LiveServer, sessions: dict[str, PracticeSession]
) -> None:
    with visit(chromium, size=PHONE) as page:
        page.goto(f"{live_server.url}/history/")
        order, fold = page.get_by_label("Order"), page.locator("summary", has_text="Filter and order")
        for size in (PHONE, DESK):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            expect(order).to_be_hidden()
        fold.focus()
        page.keyboard.press("Enter")
        order.select_option("Oldest first")
        expect(fold).to_contain_text("1 chosen")
        page.reload()
        expect(order).to_be_visible()
        expect(page.get_by_label("Scenario")).to_have_count(0)  # all of them are of one
        page.get_by_label("How it ended").select_option("Goal reached")
        page.get_by_role("link", name="Remove filter: Goal reached").press("Enter")
        expect(page.locator(".history-count")).to_be_focused()  # not the top of the page
        expect(page.get_by_label("How it ended")).to_have_value("")
        expect(order).to_have_value("startedAtAsc")


def test_without_javascript_the_history_is_filtered_on_a_phone(
    chromium: Browser, live_server: LiveServer, sessions: dict[str, PracticeSession]
) -> None:
    with visit(chromium, size=PHONE, java_script_enabled=False) as page:
        page.goto(f"{live_server.url}/history/?category=Work")
        fold = page.locator("summary", has_text="Filter and order")
        expect(fold).to_contain_text("1 chosen")
        page.get_by_label("Order").select_option("Oldest first")
        page.get_by_role("button", name="Show").click()
        expect(fold).to_contain_text("2 chosen")

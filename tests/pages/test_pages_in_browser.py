"""Finding and preparing a scenario by mouse, by keyboard and without JavaScript."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from practice.models import Scenario
from tests.browser.driver import wait_until
from tests.pages.looks import DESK, PHONE, settled, violations, visit

pytestmark = pytest.mark.browser

Catalog = dict[str, Scenario]


def cards(page: Page) -> list[str]:
    return page.locator(".scenario-card-title").all_inner_texts()


def test_search_as_you_type_keeps_url_focus_and_back_button(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium) as page:
        page.goto(live_server.url)
        search = page.get_by_role("searchbox")
        search.press_sequentially("slip", delay=30)
        expect(page.locator(".scenario-card")).to_have_count(1)
        expect(page).to_have_url(f"{live_server.url}/?search=slip")
        expect(search).to_be_focused()
        expect(page.locator("#announce")).to_have_text("1 scenario")
        page.get_by_role("link", name="Home 0").wait_for(state="detached")
        search.press_sequentially("ped", delay=30)
        expect(page).to_have_url(f"{live_server.url}/?search=slipped")
        page.go_back()
        expect(page).to_have_url(f"{live_server.url}/")
        expect(page.locator(".scenario-card")).to_have_count(5)
        expect(page.get_by_role("searchbox")).to_have_value("")


def test_the_first_steps_by_keyboard_once_and_never_again(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium) as page:
        page.goto(live_server.url)
        steps = page.locator(".onboarding")
        expect(steps.get_by_role("heading", name="How it works")).to_be_visible()
        expect(steps.get_by_role("heading", name="Your microphone")).to_be_hidden()
        steps.get_by_role("button", name="Next step").press("Enter")
        expect(steps.get_by_role("heading", name="What stays on this computer")).to_be_focused()
        expect(steps).to_contain_text("Step 2 of 3")
        steps.get_by_role("button", name="Previous step").press("Enter")
        expect(steps.get_by_role("heading", name="How it works")).to_be_focused()
        steps.get_by_role("button", name="Next step").press("Enter")
        steps.get_by_role("button", name="Next step").press("Enter")
        expect(steps.get_by_role("button", name="Check your microphone")).to_be_enabled()
        steps.get_by_role("button", name="Check your microphone").press("Enter")
        steps.locator("[data-state=heard]").wait_for()
        assert violations(page) == []
        steps.get_by_role("button", name="Done").press("Enter")
        expect(steps).to_be_hidden()
        expect(page.locator("#main")).to_be_focused()
        page.reload()
        expect(steps).to_have_count(0)
        page.context.clear_cookies()
        page.reload()
        steps.get_by_role("button", name="Skip").press("Enter")
        page.reload()
        expect(steps).to_have_count(0)


def test_filters_combine_and_each_adds_a_history_entry(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium, expected=("ERR_FAILED", "htmx:")) as page:
        page.goto(live_server.url)
        page.route("**/?category=Home", lambda route: route.abort())
        page.get_by_role("link", name="Home 2").click()
        unanswered = page.get_by_text("That didn't go through.")
        expect(unanswered).to_be_visible()
        page.unroute("**/?category=Home")
        page.get_by_role("link", name="Home 2").click()
        expect(unanswered).to_be_hidden()
        expect(page.locator(".scenario-card")).to_have_count(2)
        page.get_by_text("By skill").click()
        page.get_by_role("link", name="Setting limits 1").click()
        expect(page.locator(".scenario-card")).to_have_count(1)
        expect(page).to_have_url(re.compile(r"category=Home&skill=limits"))
        # Opened filters stay open, and the focus stays on the filter that was used.
        expect(page.get_by_role("link", name="Setting limits 1")).to_be_focused()
        page.go_back()
        expect(page.locator(".scenario-card")).to_have_count(2)
        page.reload()
        expect(page.locator(".scenario-card")).to_have_count(2)
        page.get_by_role("link", name="Show all").click()
        expect(page.locator(".scenario-card")).to_have_count(5)


def test_an_empty_result_offers_a_way_out(chromium: Browser, live_server: LiveServer, stocked: Catalog) -> None:
    with visit(chromium) as page:
        page.goto(f"{live_server.url}/?category=Home")
        page.get_by_role("searchbox").fill("slipped")
        page.get_by_role("link", name="Clear “Home” (1 scenario)").click()
        assert page.get_by_role("searchbox").input_value() == "slipped"
        expect(page.locator(".scenario-card-title")).to_have_text(["The deadline that slipped again"])
        expect(page.locator("#catalog-count")).to_be_focused()
        page.get_by_role("searchbox").fill("zzz")
        page.get_by_role("link", name="Clear “zzz”").click()
        expect(page.get_by_role("searchbox")).to_have_value("")
        expect(page.locator(".scenario-card")).to_have_count(5)


def test_the_chosen_filter_is_visible_on_a_phone(chromium: Browser, live_server: LiveServer, stocked: Catalog) -> None:
    with visit(chromium, size=PHONE) as page:
        page.goto(f"{live_server.url}/?category=%E5%AE%B6%E5%BA%AD")
        expect(page.locator(".chip[aria-current]")).to_be_in_viewport(ratio=1)


def test_without_javascript_search_and_filters_work(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium, java_script_enabled=False) as page:
        page.goto(f"{live_server.url}/?category=Home")
        page.get_by_role("searchbox").fill("rent")
        page.get_by_role("button", name="Search").click()
        assert cards(page) == ["Asking for the rent"]
        page.get_by_role("link", name="Home 1").click()
        assert "category" not in page.url
        page.locator(".scenario-card").first.click()
        expect(page.locator("noscript p")).to_contain_text("Talking needs JavaScript")
        expect(page.locator("noscript p")).to_be_visible()


def test_a_scenario_is_found_and_prepared_by_keyboard_alone(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium) as page:
        page.goto(live_server.url)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("slipped")
        expect(page).to_have_url(f"{live_server.url}/?search=slipped")  # all of it, not its first letters
        expect(page.locator(".scenario-card")).to_have_count(1)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the scenarios")).to_be_focused()
        page.keyboard.press("Enter")
        for _ in range(2):  # past "Show all"
            page.keyboard.press("Tab")
        expect(page.locator(".scenario-card")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("The deadline that slipped again")
        page.get_by_text("Their side (spoiler)").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("You joke when it gets close.")).to_be_visible()


# The text of the focused element; "" once the focus has left the page, "hidden" if something covers the element.
FOCUS = """() => {
  const on = document.activeElement;
  if (on === document.body) return "";
  const box = on.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const seen = on.contains(top) || top?.contains(on);
  return seen ? on.textContent.trim() || on.name : `hidden: ${on.outerHTML.slice(0, 80)}`;
}"""


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_keyboard_reaches_every_control_and_none_is_covered(
    chromium: Browser, live_server: LiveServer, stocked: Catalog, size: tuple[int, int]
) -> None:
    with visit(chromium, size=size) as page:
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        settled(page)
        reached = []
        for _ in range(40):
            page.keyboard.press("Tab")
            if not (words := page.evaluate(FOCUS)):
                break
            reached.append(words)
        assert reached[-1] == "Start"
        assert [words for words in reached if words.startswith("hidden")] == []


def test_a_press_before_the_buttons_script_has_loaded_is_not_lost(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    held: list[Route] = []
    with visit(chromium) as page:
        page.route(re.compile(r"/js/pages/onboarding[^/]*\.js"), lambda route: held.append(route))
        page.goto(live_server.url, wait_until="domcontentloaded")
        page.wait_for_function("() => 'booted' in document.documentElement.dataset")
        page.evaluate("document.querySelector('[data-next]').click()")
        wait_until(page, lambda: held)
        held[0].continue_()
        expect(page.locator(".onboarding")).to_contain_text("Step 2 of 3")


def test_a_script_that_fails_to_load_is_explained_on_the_page(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium, expected=("ERR_FAILED", "Failed to fetch dynamically")) as page:
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        expect(page.get_by_text("Part of this page didn't load.")).to_be_hidden()
        page.route(re.compile(r"/js/pages/microphone[^/]*\.js"), lambda route: route.abort())
        page.goto(f"{live_server.url}/scenarios/{stocked['boss'].pk}/")
        expect(page.get_by_text("Part of this page didn't load.")).to_be_visible()
        expect(page.get_by_role("button", name="Start")).to_be_enabled()

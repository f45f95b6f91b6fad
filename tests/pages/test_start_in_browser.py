"""Start in Chromium: a wrong clock, loading models, full capacity, sound unlocked by the click."""

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from practice.models import Scenario
from tests.pages.looks import visit

pytestmark = pytest.mark.browser

Catalog = dict[str, Scenario]


def answer(page: Page, replies: list[tuple[int, dict]]) -> list[dict]:
    """Let `POST /api/sessions` give these answers in turn; returns the list of request bodies."""
    asked: list[dict] = []

    def reply(route: Route) -> None:
        asked.append(route.request.post_data_json)
        status, content = replies[min(len(asked), len(replies)) - 1]
        route.fulfill(status=status, json=content)

    page.route("**/api/sessions", reply)
    return asked


def test_start_works_with_a_clock_that_is_hours_wrong(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium, expected=("422",)) as page:
        drift = {"status": 422, "code": "clock_drift", "driftSeconds": 7200, "detail": "Your clock is wrong."}
        asked = answer(page, [(422, drift), (201, {"id": "s1"})])
        page.route(
            "**/sessions/s1/",
            lambda route: route.fulfill(body="<div id=site><main id=main tabindex=-1>room</main></div>"),
        )
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_text("room", exact=True)).to_be_visible()
        first, second = (page.evaluate("Date.parse", each["clientSessionStartedAt"]) for each in asked)
        assert first - second == pytest.approx(7_200_000, abs=5_000)
        assert asked[0]["scenarioId"] == stocked["late"].pk
        expect(page).to_have_url(f"{live_server.url}/sessions/s1/")
        expect(page.locator("#main")).to_be_focused()


def test_start_waits_for_loading_models(chromium: Browser, live_server: LiveServer, stocked: Catalog) -> None:
    with visit(chromium, expected=("503",)) as page:
        page.clock.install()
        loading = {"status": 503, "code": "models_loading", "detail": "Not yet.", "progress": 0.4}
        answer(page, [(503, loading), (201, {"id": "s1"})])
        page.route(
            "**/sessions/s1/",
            lambda route: route.fulfill(body="<div id=site><main id=main tabindex=-1>room</main></div>"),
        )
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.get_by_role("button", name="Start").click()
        expect(page.locator("[data-start-wait]")).to_contain_text("is still getting ready")
        expect(page.get_by_role("progressbar", name="Prepared so far")).to_have_js_property("value", 0.4)
        expect(page.locator("[data-start-problem]")).to_be_hidden()
        page.clock.run_for(5100)
        expect(page.get_by_text("room", exact=True)).to_be_visible()


def test_full_capacity_is_explained_and_start_stays(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium, expected=("429",)) as page:
        full = {"status": 429, "code": "capacity", "detail": "pilot capacity exceeded, retry shortly"}
        answer(page, [(429, full)])
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        start = page.get_by_role("button", name="Start")
        start.click()
        expect(page.locator("[data-start-problem]")).to_contain_text("the queue is full")
        expect(page.locator("#alert")).to_contain_text("the queue is full")
        expect(start).to_have_attribute("aria-disabled", "false")


def test_sound_is_unlocked_inside_the_click(chromium: Browser, live_server: LiveServer, stocked: Catalog) -> None:
    with visit(chromium) as page:
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.evaluate(
            """() => {
               window.order = [];
               const Real = AudioContext;
               window.AudioContext = class extends Real { constructor(...all) { super(...all); order.push("sound"); } };
               window.fetch = () => { order.push("fetch"); return new Promise(() => {}); };
               }"""
        )
        page.get_by_role("button", name="Start").click()
        assert page.evaluate("order") == ["sound", "fetch"]

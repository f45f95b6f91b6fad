"""Every catalog page in every state: two widths, light and dark, large text, zoom, print, reduced motion."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from practice.models import Scenario
from tests.pages.looks import DESK, PHONE, flaws, overflow, settled, shifted, visit

pytestmark = pytest.mark.browser

Catalog = dict[str, Scenario]
Step = Callable[[Page], None]


def nothing(page: Page) -> None:
    pass


def open_everything(page: Page) -> None:
    closed = page.locator("details:not([open]) > summary")
    while closed.count():
        closed.first.click()


def check_microphone(page: Page) -> None:
    page.get_by_role("button", name="Check your microphone").click()
    page.locator("[data-state=heard]").wait_for()


def refuse_microphone(page: Page) -> None:
    page.evaluate(
        """() => { navigator.mediaDevices.getUserMedia =
             () => Promise.reject(new DOMException("Permission denied", "NotAllowedError")); }"""
    )
    page.get_by_role("button", name="Check your microphone").click()
    page.locator("[data-problem=denied]").wait_for()


def fail_to_start(page: Page) -> None:
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('Failed to fetch')); }")
    page.get_by_role("button", name="Start").click()
    page.locator("[data-start-problem]").wait_for()


STATES: dict[str, tuple[str, Step]] = {
    "catalog": ("/", nothing),
    "catalog, skills open": ("/", open_everything),
    "catalog, filtered": ("/?category=Home&skill=limits", nothing),
    "catalog, nothing found": ("/?search=slipped&category=Home", nothing),
    "scenario": ("/scenarios/{late}/", nothing),
    "scenario, all disclosed": ("/scenarios/{late}/", open_everything),
    "scenario, microphone heard": ("/scenarios/{late}/", check_microphone),
    "scenario, microphone refused": ("/scenarios/{late}/", refuse_microphone),
    "scenario, server gone": ("/scenarios/{late}/", fail_to_start),
    "scenario in Chinese": ("/scenarios/{family}/", open_everything),
}


def go(page: Page, server: LiveServer, stocked: Catalog, state: str) -> None:
    path, step = STATES[state]
    page.goto(server.url + path.format(**{key: each.pk for key, each in stocked.items()}))
    settled(page)
    step(page)


def test_axe_finds_nothing_in_any_state(chromium: Browser, live_server: LiveServer, stocked: Catalog) -> None:
    found = {}
    with visit(chromium, reduced_motion="reduce") as page:
        for state in STATES:
            go(page, live_server, stocked, state)
            found[state] = flaws(page, state)
    assert {state: each for state, each in found.items() if each} == {}


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_have_no_layout_shift(
    chromium: Browser, live_server: LiveServer, stocked: Catalog, size: tuple[int, int]
) -> None:
    for state, (_, step) in STATES.items():
        if step is nothing:
            with visit(chromium, size=size) as page:
                go(page, live_server, stocked, state)
                page.wait_for_load_state("networkidle")  # content that arrives late could shift the layout
                assert shifted(page) < 0.01, state


def test_pages_do_not_violate_their_content_security_policy(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    # A violation is logged as an error on the console, which fails the visit.
    with visit(chromium, bypass_csp=False) as page:
        for state in STATES:
            go(page, live_server, stocked, state)


def test_long_words_and_large_zoom_fit(chromium: Browser, live_server: LiveServer, stocked: Catalog) -> None:
    late = stocked["late"]
    late.title = "Rechtsschutzversicherungsgesellschaftenangelegenheiten besprechen " * 2
    late.title = late.title[:120]
    late.ai_persona_name = "Wolfeschlegelsteinhausenbergerdorff von der Ohe-Sonnenschein"
    late.description = ("Four hundred words of trouble and more. " * 60) + "x" * 200
    late.save()
    for size in ((320, 640), (720, 450)):
        for state in ("catalog", "scenario, all disclosed"):
            with visit(chromium, size=size) as page:
                go(page, live_server, stocked, state)
                assert overflow(page) == 0, (state, size)


def test_a_page_prints_without_its_controls(chromium: Browser, live_server: LiveServer, stocked: Catalog) -> None:
    with visit(chromium) as page:
        go(page, live_server, stocked, "scenario")
        page.emulate_media(media="print")
        assert not page.get_by_role("button", name="Start").is_visible()
        assert not page.locator(".site-header").is_visible()
        assert not page.get_by_role("link").filter(visible=True).count(), "paper has no links"
        assert page.get_by_text("Says it, and checks that it arrived.").first.is_visible()


def test_with_reduced_motion_nothing_is_animated(chromium: Browser, live_server: LiveServer, stocked: Catalog) -> None:
    with visit(chromium, reduced_motion="reduce") as page:
        go(page, live_server, stocked, "scenario")
        slow = page.evaluate(
            """[...document.querySelectorAll("*")].filter((each) => {
                 const style = getComputedStyle(each);
                 return [style.transitionDuration, style.animationDuration].some((time) => parseFloat(time) > 0.001);
               }).length"""
        )
        assert slow == 0

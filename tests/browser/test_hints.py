"""In the room, the key H or a button shows a hint, which disappears once the turn is sent."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.devices import DESKTOP, PHONE
from tests.browser.driver import Room
from tests.pages.looks import COLOURS_HAVE_CHANGED
from tests.stack import Stack

SHOTS = os.environ.get("SHOTS")


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_hint_then_an_example_then_the_turn(visit: Callable[..., Room], coach: Stack, screen: dict) -> None:
    for _ in range(2):
        coach.fake.answer("roleplay", text=["Sorry, sorry. So, what's this about?"], audio_ms=200)
    coach.fake.answer("hint_result", arguments={"hint": "Say who paid for it.", "example": "Lena sat until eleven."})
    room = visit({**screen, "reduced_motion": "reduce"}).enter("The deadline that slipped again")
    room.wait_for("yours")
    room.page.keyboard.press("h")
    card = room.page.locator("[data-coach]")
    expect(card).to_be_visible()
    room.page.keyboard.press("h")
    expect(card.locator("[data-coach-example]")).to_be_visible()
    for scheme in ("light", "dark"):
        room.page.emulate_media(color_scheme=scheme)
        room.page.evaluate(COLOURS_HAVE_CHANGED)
        if SHOTS:
            room.shot(Path(SHOTS) / f"hint-{'phone' if screen is PHONE else 'desktop'}-{scheme}.png")
        assert room.violations(contrast_only=scheme == "dark") == [], scheme
    assert room.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    room.type("The billing report came too late.")
    expect(card).to_be_hidden()
    assert room.stored()["session"]["hintsUsed"] == 1


def test_hints_that_fail_to_load_say_so_and_load_on_the_next_press(visit: Callable[..., Room]) -> None:
    room = visit()
    room.page.route("**/js/hints*", lambda route: route.abort())
    room.enter("The deadline that slipped again")
    room.wait_for("yours")
    loaded = "() => performance.getEntriesByType('resource').some(({ name }) => name.includes('page-styles'))"
    room.page.wait_for_function(loaded)  # the last of the parts that are loaded at idle
    room.page.keyboard.press("h")
    room.expect_notice("This part of the page couldn't be loaded")
    assert room.scene == "yours"
    room.page.unroute("**/js/hints*")
    room.page.keyboard.press("h")
    expect(room.page.locator("[data-coach]")).to_be_visible()

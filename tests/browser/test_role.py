"""The persona in Chromium: difficulty chosen beside Start, and redoing a line."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
from playwright.sync_api import expect

from tests.browser.devices import DESKTOP, PHONE
from tests.browser.driver import Room
from tests.stack import Stack

Visit = Callable[..., Room]
SHOTS = os.environ.get("SHOTS")
WITH_BRIEF = "The deadline that slipped again"


def assert_fits(room: Room, name: str = "") -> None:
    """Assert that nothing scrolls sideways on a phone or a desktop."""
    for screen in (PHONE, DESKTOP):
        room.page.set_viewport_size(screen["viewport"])
        assert room.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), screen
        if SHOTS and name:
            room.shot(Path(SHOTS) / f"{name}-{screen['viewport']['width']}.png")


def test_the_difficulty_chosen_beside_start_applies_to_the_session(visit: Visit) -> None:
    room = visit(PHONE)
    room.page.goto("/")
    room.page.get_by_role("link", name=WITH_BRIEF).first.click()
    expect(room.page.get_by_text("As in real life.")).to_be_visible()
    room.page.locator("label", has_text="Tough").click()
    expect(room.page.get_by_text("They're wary and slow")).to_be_visible()
    expect(room.page.get_by_text("As in real life.")).to_be_hidden()
    assert_fits(room)
    room.page.locator("[data-start]:not([disabled])").click()
    room.page.wait_for_selector(".stage")
    assert room.stored()["session"]["difficulty"] == "tough"


def test_the_room_of_a_redo_shows_the_conversation_before_the_line(visit: Visit, coach: Stack) -> None:
    room = visit().enter(WITH_BRIEF)
    room.wait_for("yours")
    opening = room.stored()["turns"][0]["transcript"]
    room.type("You are always late.")
    room.answered(2)
    room.page.locator(".stop-now").click()
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("You ended the conversation")
    first = room.stored()["session"]
    wish = {"scenarioId": first["scenarioId"], "continuesFrom": first["id"], "continuesAt": 1}
    wish["clientSessionStartedAt"] = datetime.now(UTC).isoformat()
    answer = httpx.post(f"{coach.address()}/api/sessions", json=wish, trust_env=False)
    assert answer.status_code == 201
    again = visit().open(answer.json()["id"])
    again.wait_for("yours")
    again.expect_line(0, opening)
    again.type("Thanks for coming, Sam.")
    again.expect_line(1, "Thanks for coming, Sam.")
    again.answered(2)
    assert [turn["sequence"] for turn in again.stored()["turns"]] == [0, 1, 2]


def test_each_line_of_the_trainee_has_redo_from_here(visit: Visit, coach: Stack) -> None:
    room = visit(PHONE).enter(WITH_BRIEF)
    room.wait_for("yours")
    for answer, words in ((2, "You are always late."), (4, "What gets in your way?")):
        room.type(words)
        room.answered(answer)
    room.page.locator(".stop-now").click()
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("You ended the conversation")
    first = room.session_id
    redo = room.page.get_by_role("button", name="Redo from here")
    expect(redo).to_have_count(2)
    assert_fits(room, "redo")
    room.page.goto(f"/history/{first}/")
    expect(redo).to_have_count(2)
    redo.nth(1).click()
    room.page.wait_for_selector(".stage")
    room.wait_for("yours")
    room.expect_line(1, "You are always late.")
    assert room.session_id != first
    session = room.stored()["session"]
    assert (session["continuesFrom"], session["continuesAt"]) == (first, 3)

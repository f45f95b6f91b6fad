"""The room works by keyboard alone: every control can be reached, and the focus is never lost."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.driver import Room
from tests.browser.test_room import OPENING, tone
from tests.stack import Stack

Visit = Callable[..., Room]


def test_a_conversation_by_keyboard_alone(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(300))
    room = visit().enter()
    room.wait_for("yours")
    keys = room.page.keyboard

    def tab_to(selector: str) -> None:
        for _ in range(25):
            if room.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
            keys.press("Tab")
        raise AssertionError(f"the keyboard does not reach {selector}")

    room.speak()
    room.page.wait_for_selector("#turn-2")
    room.wait_for("yours")

    tab_to("[popovertarget=choices]")
    keys.press("Enter")
    tab_to("input[name=captions]")
    keys.press(" ")
    expect(room.page.locator("#turn-0")).to_contain_text("Captions are off.")
    keys.press("Escape")
    expect(room.page.locator("[popovertarget=choices]")).to_be_focused()

    tab_to("[data-type-instead]")
    keys.press("Enter")
    expect(room.page.locator("#composer-words")).to_be_focused()
    keys.type("I would rather write this.")
    keys.press("Enter")
    expect(room.page.locator("#composer-words")).to_be_focused()
    room.expect_line(3, "I would rather write this.")
    room.page.wait_for_selector("#turn-4")

    tab_to("[data-speak-instead]")
    keys.press(" ")
    expect(room.page.locator("[data-talk]")).to_be_focused()

    tab_to(".stop-now")
    keys.press("Enter")
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("You ended the conversation")

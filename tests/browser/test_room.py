"""A conversation in Chromium: find, prepare, talk, stop."""

import math
import re
import struct
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from coach.audio import recording_limits
from tests.browser.devices import DESKTOP, PHONE
from tests.browser.driver import HEARD_MS, PRESSED_AND_RELEASED, Room, watch_pressed
from tests.stack import Stack

Visit = Callable[..., Room]
OPENING = "You wanted to see me. Come in, sit down."


def tone(milliseconds: int, hertz: float = 330) -> bytes:
    """PCM as a model would send it."""
    count = 24 * milliseconds
    return struct.pack(f"<{count}h", *(int(9000 * math.sin(2 * math.pi * hertz * i / 24000)) for i in range(count)))


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_spoken_turn_is_answered_aloud(visit: Visit, coach: Stack, screen: dict) -> None:
    opening, answer = tone(700), tone(900, 440)
    coach.fake.answer("roleplay", text=[OPENING], pcm=opening, hold="opening")
    coach.fake.answer("roleplay", text=["I have ", "ten minutes."], pcm=answer)
    coach.fake.answer("asr", text="I would like to talk about my salary.")
    room = visit(screen).walk_in()
    room.wait_for("opening")
    coach.fake.release("opening")
    room.wait_for("yours")
    expect(room.page).to_have_title("Your turn · Asking for the raise you have earned")
    room.expect_line(0, OPENING)
    worklet = room.page.locator(".stage").get_attribute("data-microphone-worklet") or ""
    assert re.search(r"/microphone\.[0-9a-f]{12}\.js$", worklet), "not as collected"

    room.speak()
    room.expect_line(1, "I would like to talk about my salary.")
    room.expect_line(2, "I have ten minutes.")
    room.wait_for("yours")

    assert room.sound_of(0) == opening
    assert room.sound_of(2) == answer
    assert [one["sequence"] for one in room.frames("playback_ended", sent=True)] == [0, 2]
    assert 1.3 <= recording_limits.check(room.uploaded(1)).duration_seconds <= 8


def test_stop_is_one_click_and_practise_again_opens_a_new_room(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(300))
    room = visit().enter()
    room.wait_for("yours")
    room.page.locator(".stop-now").click()
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("You ended the conversation with Helen")
    expect(room.page.get_by_role("button", name="Practise again")).to_be_enabled()
    expect(room.page.locator("#turn-0")).to_contain_text(OPENING)
    ended = room.stored()["session"]
    assert ended["terminationReason"] == "manual"

    room.press("Practise again")
    room.page.wait_for_selector(".stage")
    room.wait_for("yours")
    again = room.stored()["session"]
    assert again["id"] != ended["id"]
    assert again["scenarioId"] == ended["scenarioId"]


def test_stop_offers_reasons(visit: Visit) -> None:
    room = visit().enter()
    room.wait_for("yours")
    room.press("Stop for another reason")
    room.press("My microphone or sound isn't working")
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("The sound failed")
    assert room.stored()["session"]["terminationReason"] == "media_error"


def test_an_outage_keeps_the_transcript_and_retry_continues_from_it(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(300))
    room = visit().enter()
    room.wait_for("yours")
    coach.fake.answer("roleplay", fault="quota", times=None)
    room.type("I want to talk about money.")
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("We lost the connection")
    expect(room.page.locator("#turn-1")).to_contain_text("I want to talk about money.")
    ended = room.session_id
    coach.fake.reset()
    room.press("Retry")
    room.page.wait_for_selector(".stage")
    room.wait_for("yours")
    assert room.stored()["session"]["continuesFrom"] == ended


def test_an_earlier_line_can_be_heard_again(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(1500))
    room = visit().enter()
    room.wait_for("yours")
    watch_pressed(room.page, "[data-lines]")
    with room.page.expect_response(lambda answer: "/api/audio/" in answer.url) as asked:
        room.press("Play Helen Brandt, line 1")
    assert asked.value.status in (200, 206)
    room.page.wait_for_function(PRESSED_AND_RELEASED)  # it ended by itself


def test_speaking_over_the_ai_cuts_its_line_where_playback_was(visit: Visit, coach: Stack) -> None:
    long = "So here is the thing about the budget this year and why I cannot promise anything at all."
    coach.fake.answer("roleplay", text=[f"{word} " for word in long.split()], pcm=tone(12_000))
    room = visit().enter()
    room.wait_for("speaking")
    room.page.wait_for_function(f"() => {HEARD_MS} >= 1000")
    room.speak()
    room.wait_for("yours")
    (cut,) = room.frames("interrupt", sent=True)
    assert cut["sequence"] == 0
    assert 1000 <= cut["playedMs"] < 12_000
    expect(room.page.locator("#turn-0")).to_contain_text("cut short")
    first = room.stored()["turns"][0]
    assert first["interrupted"]
    assert len(first["transcript"]) < len(long)


def test_escape_cancels_the_recording_and_not_the_session(visit: Visit) -> None:
    room = visit().enter()
    room.wait_for("yours")
    room.page.keyboard.down(" ")
    room.recorded(1)
    room.page.keyboard.press("Escape")
    room.page.keyboard.up(" ")
    room.wait_for("yours")
    told = [(one["type"], one["sequence"]) for one in room.sent if isinstance(one, dict) and "turn_" in one["type"]]
    assert told == [("turn_cancel", 1), ("turn_start", 1), ("turn_cancel", 1)]
    assert room.stored()["session"]["status"] == "active"


def test_a_tap_on_a_phone_records_until_the_next_tap(visit: Visit) -> None:
    room = visit(PHONE).enter()
    room.wait_for("yours")
    room.page.locator("[data-talk]").tap()
    room.expect_state("tap again to send")
    room.recorded(1)
    room.page.locator("[data-talk]").tap()
    room.page.wait_for_selector("#turn-2")
    assert room.frames("turn_end", sent=True)[0]["sequence"] == 1

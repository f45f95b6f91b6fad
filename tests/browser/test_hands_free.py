"""Hands-free speech in Chromium, whose microphone plays a looped recording with a pause in it."""

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from coach.audio import recording_limits
from tests.browser.devices import CHROMIUM, QUIET, SOUND
from tests.browser.driver import Room
from tests.browser.test_room import OPENING, tone
from tests.fixtures.speech import MICROPHONE_WAV
from tests.stack import Stack

Visit = Callable[..., Room]
SECONDS_OF_SPEECH = 2.0
SECONDS_OF_PAUSE = 6.0


@pytest.fixture(scope="module")
def pausing(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium whose microphone loops two seconds of speech and six of silence."""
    path = tmp_path_factory.mktemp("microphone") / "pausing.wav"
    _speech_then_silence(path)
    sound = [f"--use-file-for-fake-audio-capture={path}" if "use-file" in flag else flag for flag in SOUND]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *sound])
    yield browser
    browser.close()


def _speech_then_silence(path: Path) -> None:
    with wave.open(str(MICROPHONE_WAV)) as recorded, wave.open(str(path), "wb") as out:
        out.setparams(recorded.getparams())
        rate, width = recorded.getframerate(), recorded.getsampwidth() * recorded.getnchannels()
        speech = recorded.readframes(int(SECONDS_OF_SPEECH * rate))
        out.writeframes(speech + bytes(int(SECONDS_OF_PAUSE * rate) * width))


def test_a_whole_turn_is_spoken_hands_free(visit: Visit, coach: Stack, pausing: Browser) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(500))
    coach.fake.answer("roleplay", text=["I have ", "ten minutes."], pcm=tone(500, 440))
    coach.fake.answer("asr", text="I would like to talk about my salary.")
    room = visit(browser=pausing).enter()
    switch = room.page.get_by_role("button", name="Hands-free")
    room.wait_for("yours")
    assert not [
        url for url in room.page.evaluate("performance.getEntriesByType('resource').map(e => e.name)") if "onnx" in url
    ]
    room.page.keyboard.press("f")
    expect(switch).to_have_attribute("aria-pressed", "true")
    room.expect_state("Hearing you")
    room.expect_line(1, "I would like to talk about my salary.")
    room.page.keyboard.press("f")  # the recording begins again and would interrupt a slow machine's answer
    room.expect_line(2, "I have ten minutes.")
    recording_limits.check(
        room.uploaded(1)
    )  # raises for what is no recording; words from before the switch are not in it
    assert room.violations() == []


def test_switching_hands_free_off_keeps_the_recording_and_the_next_room_remembers_the_switch(
    visit: Visit, coach: Stack
) -> None:
    def entered(room: Room) -> Room:
        coach.fake.answer("roleplay", text=[OPENING], pcm=tone(500))
        return room.enter()

    first = entered(visit())  # its microphone hears speech without a pause
    first.wait_for("yours")
    first.page.keyboard.press("f")
    first.expect_state("Hearing you")

    second = entered(visit(like=first))
    switch = second.page.get_by_role("button", name="Hands-free")
    expect(switch).to_have_attribute("aria-pressed", "true")
    second.expect_state("Hearing you")
    second.page.keyboard.press("f")
    expect(switch).to_have_attribute("aria-pressed", "false")
    second.expect_state("Recording: tap again to send")
    second.page.keyboard.press("Escape")
    second.expect_state("Your turn: hold Space")

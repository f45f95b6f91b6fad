"""The microphone check beside Start: working, silent, refused and broken microphones, all released afterwards."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from practice.models import Scenario
from tests.browser.driver import PRESSED_AND_RELEASED, watch_pressed
from tests.pages.looks import visit

pytestmark = pytest.mark.browser

Catalog = dict[str, Scenario]


REFUSALS = [
    ("NotAllowedError", "Permission denied", "Click the icon to the left of the address"),
    ("NotAllowedError", "Permission denied by system", "Your computer's settings block the microphone"),
    ("NotFoundError", "Requested device not found", "No microphone was found"),
    ("NotReadableError", "Could not start audio source", "another program may be using it"),
    ("SecurityError", "", "Browsers only open the microphone on a secure page"),
    ("UnknownError", "", "The microphone couldn't be opened"),
]


def test_each_refusal_of_the_microphone_has_its_own_help(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium) as page:
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        for name, message, help_text in REFUSALS:
            page.evaluate(
                """([name, message]) => {
                     navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException(message, name));
                   }""",
                [name, message],
            )
            page.get_by_role("button", name="Check your microphone").click()
            expect(page.get_by_text(help_text)).to_be_visible()
            expect(page.get_by_text("Or start without it: you can type what you say.")).to_be_visible()
            assert page.locator("[data-problem]:visible").count() == 1


def test_a_silent_microphone_is_reported_as_silent(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium) as page:
        page.clock.install()
        page.add_init_script(
            """window.AudioWorkletNode = class extends AudioWorkletNode {
                 constructor(context, ...rest) {
                   super(context, ...rest);
                   window.recording = context;
                 }
               };"""
        )
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.evaluate(
            """() => { navigator.mediaDevices.getUserMedia =
                 async () => new AudioContext().createMediaStreamDestination().stream; }"""
        )
        page.get_by_role("button", name="Check your microphone").click()
        page.get_by_text("Listening: say a few words.").wait_for()
        # The audio graph is built in real time, whatever the page's clock says.
        page.wait_for_function("() => window.recording?.state === 'running'")
        page.clock.run_for(4100)
        expect(page.get_by_text("The microphone is open but silent.")).to_be_visible()


def test_the_level_moves_and_the_microphone_is_released(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium) as page:
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.evaluate(
            """() => {
               const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
               window.streams = [];
               navigator.mediaDevices.getUserMedia = async (wish) => {
                 const stream = await open(wish);
                 window.streams.push(stream);
                 return stream;
               };
               }"""
        )
        page.get_by_role("button", name="Check your microphone").click()
        expect(page.get_by_text("We can hear you. You're ready.")).to_be_visible()
        expect(page.locator(".microphone-level > .lit").first).to_be_visible()
        page.get_by_role("button", name="Stop the check").click()
        expect(page.locator(".microphone-level > .lit")).to_have_count(0)
        assert page.evaluate("streams[0].getTracks().every((track) => track.readyState === 'ended')")


def test_the_trainee_can_hear_their_recording_and_test_the_speakers(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium) as page:
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.get_by_role("button", name="Check your microphone").click()
        watch_pressed(page, "main")
        page.get_by_role("button", name="Hear yourself").click()
        page.wait_for_function(PRESSED_AND_RELEASED)
        page.get_by_role("button", name="Test speakers").click()
        expect(page.get_by_text("Did you hear two notes?")).to_be_visible()


def test_the_chosen_microphone_is_remembered(chromium: Browser, live_server: LiveServer, stocked: Catalog) -> None:
    with visit(chromium) as page:
        page.add_init_script(
            """{
              const ask = MediaDevices.prototype.getUserMedia;
              window.wishes = [];
              MediaDevices.prototype.getUserMedia = function (wish) {
                wishes.push(wish.audio.deviceId?.ideal ?? null);
                return ask.call(this, wish);
              };
              MediaDevices.prototype.enumerateDevices = async () =>
                ["desk", "headset"].map((deviceId) => ({ kind: "audioinput", deviceId, label: `The ${deviceId}` }));
            }"""
        )
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.get_by_role("button", name="Check your microphone").click()
        page.locator("[data-device]").select_option("headset")
        page.wait_for_function("() => wishes.length === 2")
        assert page.evaluate("wishes") == [None, "headset"]
        page.reload()
        page.get_by_role("button", name="Check your microphone").click()
        expect(page.locator("[data-device]")).to_have_value("headset")
        assert page.evaluate("wishes") == ["headset"]


def test_a_check_that_cannot_record_says_so_and_releases_the_microphone(
    chromium: Browser, live_server: LiveServer, stocked: Catalog
) -> None:
    with visit(chromium) as page:
        page.add_init_script(
            """{
              const ask = MediaDevices.prototype.getUserMedia;
              window.streams = [];
              MediaDevices.prototype.getUserMedia = async function (wish) {
                streams.push(await ask.call(this, wish));
                return streams.at(-1);
              };
              AudioWorklet.prototype.addModule = async () => { throw new DOMException('', 'AbortError'); };
            }"""
        )
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.get_by_role("button", name="Check your microphone").click()
        expect(page.get_by_text("this browser couldn't start recording")).to_be_visible()
        assert page.evaluate("streams[0].getTracks().every((track) => track.readyState === 'ended')")

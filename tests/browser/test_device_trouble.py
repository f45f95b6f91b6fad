"""When browser APIs throw, refuse, hang or go silent, the room opens, says so, releases devices and can retry."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.driver import HEARD_MS, Room
from tests.browser.test_room import OPENING, tone
from tests.stack import Stack

Visit = Callable[..., Room]
OPEN = "[data-scene=opening], [data-scene=speaking], [data-scene=yours], [data-scene=typing], [data-scene^=ask]"


def never(part: str) -> str:
    """Makes `part` return a promise that never settles."""
    return f"{part} = () => new Promise(() => {{}});"


def refusing(part: str, name: str) -> str:
    return f"{part} = async () => {{ throw new DOMException('', '{name}'); }};"


def unmakeable(part: str, name: str) -> str:
    return f"globalThis.{part} = class {{ constructor() {{ throw new DOMException('', '{name}'); }} }};"


def forbidden(part: str) -> str:
    return (
        f"Object.defineProperty(globalThis, '{part}', {{ get() {{ throw new DOMException('', 'SecurityError'); }} }});"
    )


SILENT_DATABASE = "IDBFactory.prototype.open = () => new EventTarget();"
BROKEN = {
    "IndexedDB is silent": SILENT_DATABASE,
    "IndexedDB is forbidden": forbidden("indexedDB"),
    "permissions.query never settles": never("Permissions.prototype.query"),
    "permissions.query throws": "Permissions.prototype.query = () => { throw new TypeError('microphone'); };",
    "addModule never settles": never("AudioWorklet.prototype.addModule"),
    "addModule is refused": refusing("AudioWorklet.prototype.addModule", "AbortError"),
    "AudioContext cannot be had": unmakeable("AudioContext", "NotSupportedError"),
    "resume is refused": refusing("AudioContext.prototype.resume", "InvalidStateError"),
    "AudioWorkletNode lacks its processor": unmakeable("AudioWorkletNode", "InvalidStateError"),
    "getUserMedia never settles": never("MediaDevices.prototype.getUserMedia"),
    "localStorage is forbidden": forbidden("localStorage"),
    "BroadcastChannel is forbidden": unmakeable("BroadcastChannel", "SecurityError"),
    "everything hangs at once": SILENT_DATABASE
    + never("Permissions.prototype.query")
    + never("AudioWorklet.prototype.addModule")
    + never("MediaDevices.prototype.getUserMedia"),
}
# These break the pages before the room as well.
WALKED = {"localStorage is forbidden", "everything hangs at once"}
# What is still held: live tracks and contexts that were not closed.
COUNT_WHAT_IS_HELD = """{
  globalThis.held = {tracks: [], contexts: [], asked: 0};
  const ask = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (...a) {
    held.asked += 1;
    const stream = await ask.apply(this, a);
    held.tracks.push(...stream.getTracks());
    return stream;
  };
  const Real = AudioContext;
  globalThis.AudioContext = class extends Real { constructor(...a) { super(...a); held.contexts.push(this); } };
}"""
KEEP_THE_PLAYBACK_NODE = """{
  const Real = AudioWorkletNode;
  globalThis.AudioWorkletNode = class extends Real {
    constructor(context, name, ...more) {
      super(context, name, ...more);
      if (name === 'playback') globalThis.playback = this;
    }
  };
}"""
LIVE_TRACKS = "held.tracks.filter((track) => track.readyState === 'live').length"


def expect_live_tracks(room: Room, count: int) -> None:
    room.page.wait_for_function(f"(count) => {LIVE_TRACKS} === count", arg=count)


@pytest.mark.parametrize("broken", BROKEN)
def test_the_room_opens_and_typing_works_whatever_hangs(visit: Visit, coach: Stack, broken: str) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(300))
    room = visit()
    room.page.add_init_script(BROKEN[broken])
    if broken in WALKED:
        room.walk_in()
    else:
        room.enter()
    room.page.wait_for_selector(OPEN)
    room.expect_line(0, OPENING)
    room.type("Then I type what I have to say.")
    room.expect_line(1, "Then I type what I have to say.")
    room.page.locator(".stop-now").click()
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("You ended the conversation")


def test_an_enter_before_the_composer_is_loaded_sends_the_text_once_it_is(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(300))
    room = visit()
    room.page.add_init_script(BROKEN["AudioContext cannot be had"])  # the field opens by itself
    held: list[Route] = []
    room.page.route("**/js/composer*", lambda route: held.append(route))
    room.enter()
    room.expect_line(0, OPENING)
    room.page.wait_for_selector("[data-scene=typing]")
    room.type("Then I type what I have to say.")
    assert held
    expect(room.page.locator("#composer-words")).to_have_value("Then I type what I have to say.")
    for route in held:
        route.continue_()
    room.expect_line(1, "Then I type what I have to say.")
    expect(room.page.locator("#composer-words")).to_have_value("")


def test_stop_works_while_the_socket_never_opens(visit: Visit) -> None:
    room = visit()
    room.page.add_init_script(never("AudioWorklet.prototype.addModule"))
    room.page.route_web_socket("**/ws/**", lambda route: None)
    room.enter()
    expect(room.page).to_have_title(re.compile("^Connecting"))  # its script runs
    room.page.locator(".stop-now").click()
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("ended")


RECORDERS = {
    "the worklet's code": """
        const real = AudioWorklet.prototype.addModule;
        AudioWorklet.prototype.addModule = function (url) {
          if (broken && url.includes('microphone')) return Promise.reject(new DOMException('', 'AbortError'));
          return real.call(this, url);
        };""",
    "the worklet's node": """
        const Real = AudioWorkletNode;
        globalThis.AudioWorkletNode = class extends Real {
          constructor(context, name, ...more) {
            if (broken && name === 'microphone') throw new DOMException('', 'InvalidStateError');
            super(context, name, ...more);
          }
        };""",
    "the source": """
        const real = AudioContext.prototype.createMediaStreamSource;
        AudioContext.prototype.createMediaStreamSource = function (stream) {
          if (broken) throw new DOMException('', 'InvalidStateError');
          return real.call(this, stream);
        };""",
    "the worker": """
        const Real = Worker;
        globalThis.Worker = class extends Real {
          constructor(...given) {
            if (broken) throw new DOMException('', 'SecurityError');
            super(...given);
          }
        };""",
    "the encoder": """
        const real = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (message, ...more) {
          return real.call(this, broken && message.wasm ? {...message, wasm: '/nowhere.wasm'} : message, ...more);
        };""",
}


@pytest.mark.parametrize("part", RECORDERS)
def test_a_recorder_that_cannot_start_releases_the_microphone_and_can_be_retried(
    visit: Visit, coach: Stack, part: str
) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(300))
    room = visit()
    room.page.add_init_script(COUNT_WHAT_IS_HELD)
    room.page.add_init_script(f"globalThis.broken = true; {{ {RECORDERS[part]} }}")
    room.enter()
    room.wait_for("typing")
    room.expect_notice("this browser couldn't start recording")
    expect_live_tracks(room, 0)
    room.page.evaluate("broken = false")
    room.press("Try the microphone again")
    room.wait_for("yours")
    assert room.page.evaluate("held.asked") == 2
    room.speak()
    room.page.wait_for_selector("#turn-2")


def test_a_dismissed_permission_prompt_is_not_called_a_refusal(visit: Visit, coach: Stack) -> None:
    room = visit()
    room.page.add_init_script(
        "Permissions.prototype.query = async () => ({state: 'prompt'});"
        + refusing("MediaDevices.prototype.getUserMedia", "NotAllowedError")
    )
    room.enter()
    room.wait_for("ask")
    room.press("Allow the microphone")
    room.expect_notice("closed without an answer")


def test_a_muted_microphone_is_reported(visit: Visit) -> None:
    room = visit()
    room.page.add_init_script(COUNT_WHAT_IS_HELD)
    room.enter()
    room.wait_for("yours")
    room.page.keyboard.down(" ")
    room.recorded(1)
    room.page.evaluate("held.tracks.at(-1).dispatchEvent(new Event('mute'))")
    room.expect_notice("Your microphone is muted")
    room.page.evaluate("held.tracks.at(-1).dispatchEvent(new Event('unmute'))")
    expect(room.page.locator("[data-notice]")).to_be_hidden()
    room.page.keyboard.press("Escape")
    room.page.keyboard.up(" ")


@pytest.mark.parametrize("happening", ["suspend", "close"])
def test_a_recording_is_sent_on_release_even_if_the_audio_context_stops(visit: Visit, happening: str) -> None:
    room = visit()
    room.page.add_init_script(COUNT_WHAT_IS_HELD)
    room.enter()
    room.wait_for("yours")
    room.page.evaluate("AudioContext.prototype.resume = async () => {}")
    room.page.keyboard.down(" ")
    room.recorded(2, turn=1)
    room.page.evaluate(f"held.contexts.at(-1).{happening}()")
    room.page.keyboard.up(" ")
    room.page.wait_for_selector('.stage:not([data-scene="recording"])')
    room.page.wait_for_selector("#turn-2")
    assert room.stored()["turns"][1]["audioFileId"]


def test_unplugging_the_microphone_keeps_what_was_said(visit: Visit) -> None:
    room = visit()
    room.page.add_init_script(COUNT_WHAT_IS_HELD)
    room.enter()
    room.wait_for("yours")
    room.page.keyboard.down(" ")
    room.recorded(2, turn=1)
    room.page.evaluate("const track = held.tracks.at(-1); track.stop(); track.dispatchEvent(new Event('ended'));")
    room.wait_for("kept")
    room.page.keyboard.up(" ")
    room.expect_notice("The microphone was disconnected")
    room.press("Send them")
    room.page.wait_for_selector("#turn-2")
    room.wait_for("yours")  # with the microphone that the system has instead
    expect_live_tracks(room, 1)


def test_a_replugged_microphone_is_used_at_once(visit: Visit) -> None:
    room = visit()
    room.page.add_init_script(COUNT_WHAT_IS_HELD)
    room.page.add_init_script("""{
      const ask = MediaDevices.prototype.getUserMedia;
      globalThis.plugged = true;
      MediaDevices.prototype.getUserMedia = async function (...given) {
        if (!plugged) throw new DOMException("", "NotFoundError");
        return ask.apply(this, given);
      };
    }""")
    room.enter()
    room.wait_for("yours")
    room.page.evaluate("plugged = false; held.tracks.at(-1).dispatchEvent(new Event('ended'));")
    room.wait_for("typing")
    room.expect_notice("No microphone was found")
    room.page.evaluate("plugged = true; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    room.wait_for("yours")
    expect_live_tracks(room, 1)


def test_a_revoked_permission_is_reported_as_such(visit: Visit) -> None:
    room = visit()
    room.page.add_init_script(COUNT_WHAT_IS_HELD)
    room.enter()
    room.wait_for("yours")
    room.page.evaluate(
        """() => {
          Permissions.prototype.query = async () => ({ state: "denied" });
          const track = held.tracks.at(-1);
          track.stop();
          track.dispatchEvent(new Event("ended"));
        }"""
    )
    expect(room.page.locator("[data-notice-words]")).to_contain_text("no longer lets this page use the microphone")


def test_a_broken_playback_worklet_is_reported_and_retried(visit: Visit, coach: Stack) -> None:
    # Never ends by itself, however slow the machine: three quarters of 20 s arrive, the rest when released.
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(20_000), hold="rest", hold_at=150)
    room = visit()
    room.page.add_init_script(KEEP_THE_PLAYBACK_NODE)
    room.enter()
    room.wait_for("speaking")
    room.page.evaluate("playback.dispatchEvent(new Event('processorerror'))")
    room.expect_notice("Sound couldn't start")
    first = room.page.evaluate_handle("playback")
    room.press("Try the sound again")
    # The scene stays "speaking": the reply was never over.
    room.page.wait_for_function("(first) => first !== playback", arg=first)
    heard = room.page.evaluate(HEARD_MS)
    coach.fake.release("rest")
    room.page.wait_for_function(f"heard => {HEARD_MS} > heard", arg=heard)  # it goes on where it was


def test_a_second_tab_gets_the_microphone_and_the_first_releases_it(visit: Visit) -> None:
    first = visit()
    first.page.add_init_script(COUNT_WHAT_IS_HELD)
    first.enter()
    first.wait_for("yours")
    second = visit(like=first).open(first.session_id)
    second.wait_for("yours")
    first.wait_for("elsewhere")
    expect_live_tracks(first, 0)
    first.press("Continue here")
    first.wait_for("yours")
    expect_live_tracks(first, 1)


def test_enter_that_ends_a_composition_sends_nothing(visit: Visit) -> None:
    room = visit().enter()
    room.wait_for("yours")
    room.press("Type instead")
    room.page.locator("#composer-words").fill("我觉得")
    room.page.evaluate(
        "document.getElementById('composer-words').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true, cancelable: true}))"
    )
    expect(room.page.locator("#composer-words")).to_have_value("我觉得")
    assert room.frames("turn_text", sent=True) == []


def test_a_suspended_page_releases_the_microphone_and_reopens_it_on_waking(visit: Visit) -> None:
    room = visit()
    room.page.add_init_script(COUNT_WHAT_IS_HELD)
    room.enter()
    room.wait_for("yours")
    room.page.keyboard.down(" ")
    room.recorded(2, turn=1)
    room.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert room.page.evaluate(LIVE_TRACKS) == 0
    room.wait_for("kept")
    room.page.keyboard.up(" ")
    room.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    room.press("Send them")
    room.page.wait_for_selector("#turn-2")
    room.wait_for("yours")
    expect_live_tracks(room, 1)


def test_the_end_of_the_session_releases_everything(visit: Visit) -> None:
    room = visit()
    room.page.add_init_script(COUNT_WHAT_IS_HELD)
    room.enter()
    room.wait_for("yours")
    room.page.locator(".stop-now").dblclick()
    expect(room.page.get_by_role("heading", level=1)).to_contain_text("You ended the conversation")
    expect_live_tracks(room, 0)


def test_a_retry_prompts_again_after_a_prompt_that_was_never_answered(visit: Visit) -> None:
    """Firefox never settles the promise of a dismissed prompt, so a retry has to call getUserMedia again."""
    room = visit()
    room.page.add_init_script("""{
      const ask = MediaDevices.prototype.getUserMedia;
      globalThis.asked = 0;
      MediaDevices.prototype.getUserMedia = function (...given) {
        asked += 1;
        return asked === 1 ? new Promise(() => {}) : ask.apply(this, given);
      };
    }""")
    room.enter()
    room.wait_for("asking")
    room.expect_notice("Your browser is still waiting for your answer")
    room.press("Try the microphone again")
    room.wait_for("yours")

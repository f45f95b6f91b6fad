"""The practice room as a person uses it."""

import json
import re
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, TimeoutError, WebSocket, expect

from tests.browser.devices import WITHIN_MS
from tests.pages.looks import AXE
from tests.stack import Stack

FIRST_SCENARIO = "Asking for the raise you have earned"
# Milliseconds of the current line that were played, as the page remembers them.
HEARD_MS = "(JSON.parse(localStorage['playback-position'] ?? null)?.ms ?? 0)"
PRESSED_AND_RELEASED = "() => pressed.join() === 'true,false'"  # see watch_pressed
# Imitates autoplay blocking: Chromium never blocks here, since Playwright's own calls count as user gestures.
HOLD_SOUND_BACK = """{
  const Real = AudioContext;
  let held = true;
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, () => (held = false), { capture: true });
  globalThis.AudioContext = class extends Real {
    constructor(...options) { super(...options); if (held) super.suspend(); }
    get state() { return held ? "suspended" : super.state; }
    resume() { return held ? new Promise(() => {}) : super.resume(); }
  };
}"""


class Room:
    """One tab. `sent` and `received`: its sockets' frames, binary ones as bytes; `faults`: errors of its scripts."""

    def __init__(self, page: Page, coach: Stack) -> None:
        self.page = page
        self.coach = coach
        self.sent: list[Any] = []
        self.received: list[Any] = []
        self.faults: list[str] = []
        page.set_default_timeout(WITHIN_MS)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self.sent.append(_read(frame)))
        socket.on("framereceived", lambda frame: self.received.append(_read(frame)))

    def hold_sound_back(self) -> None:
        """Block sound on the next pages until a click, as browsers do on unfamiliar sites."""
        self.page.add_init_script(HOLD_SOUND_BACK)

    # Entering and leaving

    def enter(self, title: str = FIRST_SCENARIO) -> "Room":
        """Start a session over the API and open its room."""
        return self.open(self.coach.started(self.coach.titled(title)))

    def walk_in(self, title: str = FIRST_SCENARIO) -> "Room":
        """From the catalog through the scenario into the room, as a trainee does. Costs three pages instead of one."""
        self.page.goto("/")
        self.page.get_by_role("link", name=title).first.click()
        self.page.locator("[data-start]:not([disabled])").click()
        self.page.wait_for_selector(".stage")
        return self

    def open(self, session_id: str) -> "Room":
        """Open the room by its URL, as after a reload."""
        self.page.goto(f"/sessions/{session_id}/")
        self.page.wait_for_selector(".stage")
        return self

    def leave(self) -> None:
        if self.session_id and not self.page.is_closed():
            self.coach.post(f"/api/sessions/{self.session_id}/manual-stop", {"reason": "manual"})

    @property
    def session_id(self) -> str:
        found = re.search(r"/sessions/([^/]+)/", self.page.url)
        return found[1] if found else ""

    # State

    def answered(self, sequence: int) -> None:
        """Wait until AI turn `sequence` was said and the trainee may speak again."""
        self.page.wait_for_selector(f"#turn-{sequence}")
        self.wait_for("yours")

    def wait_for(self, scene: str) -> None:
        try:
            self.page.wait_for_selector(f'.stage[data-scene="{scene}"]')
        except TimeoutError:
            told = [one["type"] if isinstance(one, dict) else "sound" for one in self.received[-6:]]
            raise AssertionError(f"waited for {scene}, it is {self.scene}; last told: {told}") from None

    @property
    def scene(self) -> str | None:
        return self.page.locator(".stage").get_attribute("data-scene")

    def expect_state(self, words: str) -> None:
        expect(self.page.locator("#stage-scene")).to_contain_text(words)

    def expect_notice(self, words: str) -> None:
        expect(self.page.locator("[data-notice]")).to_contain_text(words)

    def expect_line(self, number: int, words: str) -> None:
        expect(self.page.locator(f"#turn-{number}")).to_contain_text(words)

    def frames(self, kind: str, *, sent: bool = False) -> list[dict[str, Any]]:
        return [one for one in (self.sent if sent else self.received) if isinstance(one, dict) and one["type"] == kind]

    def sound_of(self, sequence: int) -> bytes:
        """PCM of one AI turn, from its latest start: a reconnected socket gets all of it again."""
        pcm = b""
        for one in self.received:
            if isinstance(one, bytes):
                pcm += one[4:] if struct.unpack_from("<I", one)[0] == sequence else b""
            elif one["type"] == "ai_turn_started" and one["sequence"] == sequence:
                pcm = b""
        return pcm

    def uploaded(self, sequence: int) -> bytes:
        return b"".join(
            one[4:] for one in self.sent if isinstance(one, bytes) and struct.unpack_from("<I", one)[0] == sequence
        )

    def stored(self) -> dict[str, Any]:
        """The session as the API returns it."""
        answer = self.coach.get(f"/api/sessions/{self.session_id}?historyStepCount=1")
        assert answer.status_code == 200, answer.text
        return answer.json()

    # Actions

    def speak(self, seconds: int = 1) -> None:
        """Hold Space for this long."""
        self.page.keyboard.down(" ")
        self.recorded(seconds)
        self.page.keyboard.up(" ")

    def recorded(self, seconds: int, *, turn: int | None = None) -> None:
        """Wait until the meter shows `seconds` and, if given, until some of turn `turn` was uploaded.

        The meter follows the clock even if a slow machine has not encoded anything yet.
        """
        shown = "seconds => Number(document.querySelector('[data-take-time]').textContent.split(':')[1]) >= seconds"
        self.page.wait_for_function(shown, arg=seconds)
        if turn is not None:
            wait_until(self.page, lambda: self.uploaded(turn))

    def type(self, words: str) -> None:
        field = self.page.locator("#composer-words")
        instead = self.page.get_by_role("button", name="Type instead")
        expect(field.or_(instead).filter(visible=True).first).to_be_visible()
        if instead.is_visible():
            instead.dispatch_event("click")  # in one step: a room without a microphone opens the field by itself
        field.fill(words)
        field.press("Enter")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def shot(self, path: str | Path) -> None:
        self.page.screenshot(path=str(path))

    def violations(self, *, contrast_only: bool = False) -> list[str]:
        """What axe finds, as `rule: element`."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text("utf-8"))
        rules = {"runOnly": ["color-contrast"]} if contrast_only else {}
        found = self.page.evaluate("(rules) => axe.run({resultTypes: ['violations'], ...rules})", rules)
        return [
            f"{rule['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]


def watch_pressed(page: Page, within: str) -> None:
    """Record every pressed state of the buttons in this element: some are shorter than a poll."""
    page.evaluate(
        """(within) => {
          globalThis.pressed = [];
          const note = (changes) => pressed.push(...changes.map(({ target }) => target.getAttribute("aria-pressed")));
          new MutationObserver(note).observe(
            document.querySelector(within), { attributeFilter: ["aria-pressed"], subtree: true });
        }""",
        within,
    )


def wait_until(page: Page, condition: Callable[[], object]) -> None:
    """Wait for a condition that an event or route handler sets; Playwright runs handlers only while it waits."""
    until = time.monotonic() + WITHIN_MS / 1000
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        page.wait_for_timeout(20)


def _read(frame: str | bytes) -> Any:
    return json.loads(frame) if isinstance(frame, str) else frame

"""axe finds no fault in any state of the room; the states are scripted from the server's side of the socket.

With `SCREENSHOTS=<folder>`, a screenshot of each state is saved there.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.devices import DESKTOP, PHONE
from tests.browser.driver import Room
from tests.pages.looks import COLOURS_HAVE_CHANGED

Visit = Callable[..., Room]
OPENING = (
    "You asked for twenty minutes, and I have another meeting after this one. "
    "So tell me straight: is this about the reorganisation, or is it about money?"
)


class Script:
    """Plays the server on one socket of the page."""

    def __init__(self, room: Room) -> None:
        self.session: dict[str, Any] = {}
        self.turns: list[dict[str, Any]] = []
        self._page = room.page
        self._route: WebSocketRoute | None = None
        room.page.route_web_socket("**/ws/**", self._answer)

    def _answer(self, route: WebSocketRoute) -> None:
        self._route = route
        route.on_message(lambda frame: None)

    def say(self, kind: str, **fields: Any) -> None:
        self._called().send(json.dumps({"type": kind, **fields}))

    def snapshot(self, **changes: Any) -> None:
        now = datetime.now(UTC)
        session = {**self.session, "status": "active", "startedAt": now.isoformat(), **changes}
        self.say("session", session=session, turns=self.turns, evaluation=None, serverTime=now.isoformat())

    def line(self, sequence: int, words: str | None, **changes: Any) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        turn = {"id": f"turn{sequence}", "sessionId": self.session["id"], "sequence": sequence, "transcript": words}
        turn |= {"speaker": "trainee" if sequence % 2 else "ai", "asrStatus": "completed" if sequence % 2 else None}
        turn |= {"audioFileId": None, "interrupted": False, "startedAt": now, "endedAt": now, **changes}
        self.turns = [one for one in self.turns if one["sequence"] != sequence] + [turn]
        return turn

    def hang_up(self, code: int) -> None:
        self._called().close(code=code)
        self._route = None

    def _called(self) -> WebSocketRoute:
        """The page's socket, once it has connected; a slow page connects late.

        Routes are answered while Playwright waits.
        """
        while self._route is None:
            self._page.wait_for_timeout(50)
        return self._route


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Callable[[Room, str], None]:
    """Checks the room's state with axe, light and dark, and saves screenshots if wanted."""
    folder = os.environ.get("SCREENSHOTS")
    label = request.node.callspec.id if hasattr(request.node, "callspec") else request.node.name

    def check(room: Room, state: str) -> None:
        for scheme in ("light", "dark"):
            room.page.emulate_media(color_scheme=scheme)
            room.page.evaluate(COLOURS_HAVE_CHANGED)
            if folder:
                Path(folder).mkdir(parents=True, exist_ok=True)
                room.shot(Path(folder) / f"{label}-{scheme}-{state}.png")
            # The dark theme changes only colours.
            assert room.violations(contrast_only=scheme == "dark") == [], f"{state}, {scheme}"

    return check


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_state_is_readable_and_operable(visit: Visit, look: Callable[[Room, str], None], screen: dict) -> None:
    room = visit({**screen, "reduced_motion": "reduce"})
    script = Script(room)
    room.enter()
    script.session = room.stored()["session"]
    look(room, "connecting")

    script.snapshot(status="pending", startedAt=None)
    script.say("queued", position=3, expiresAt=(datetime.now(UTC) + timedelta(seconds=30)).isoformat())
    room.wait_for("queued")
    look(room, "queued")

    script.snapshot()
    room.wait_for("opening")
    look(room, "opening")

    script.line(0, OPENING)
    script.line(1, "It is about money, yes. I have taken over two people's work since March.")
    script.line(2, "I know you have, and I have not said thank you often enough.", interrupted=True)
    script.line(3, None, asrStatus="pending")
    script.snapshot()
    room.wait_for("thinking")
    look(room, "thinking")

    script.line(3, None, asrStatus="failed")
    script.say("turn_updated", turn=script.turns[-1])
    script.say("ai_turn_started", turnId="turn4", sequence=4, audio={})
    for word in OPENING.split():
        script.say("ai_text", turnId="turn4", sequence=4, delta=f"{word} ")
    room.wait_for("speaking")
    look(room, "speaking")

    script.say("ai_turn", turn=script.line(4, OPENING))
    room.wait_for("yours")
    look(room, "yours")

    top = room.page.locator(".stage-top").bounding_box()
    nearly_over = datetime.now(UTC) - timedelta(seconds=script.session["durationLimitSeconds"] - 25)
    script.snapshot(startedAt=nearly_over.isoformat())
    expect(room.page.locator("[data-time-session]")).to_contain_text("s left")
    assert room.page.locator(".stage-top").bounding_box() == top  # nothing moves for it
    look(room, "nearly-over")
    script.snapshot()
    room.wait_for("yours")

    room.press("Your goal")
    expect(room.page.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    look(room, "aim")
    room.press("Close")
    room.press("Sound, captions and coaching")
    look(room, "choices")
    room.page.keyboard.press("Escape")
    room.press("Stop for another reason")
    look(room, "stop-reasons")
    room.page.keyboard.press("Escape")

    room.page.locator("[data-talk]").focus()
    room.page.keyboard.down(" ")
    room.recorded(1)
    look(room, "recording")
    room.page.keyboard.up(" ")
    room.wait_for("sending")
    look(room, "sending")

    detail = "The recording has no sound. Check the microphone and say it again."
    script.say("turn_rejected", sequence=5, code="resend_turn", detail=detail)
    room.wait_for("refused")
    room.expect_notice(detail)
    look(room, "refused")
    room.press("Record again")
    room.wait_for("yours")

    room.press("Type instead")
    room.page.locator("#composer-words").fill("I would rather write this one down.")
    look(room, "typing")

    script.hang_up(4503)
    room.wait_for("reconnecting")
    look(room, "reconnecting")
    script.hang_up(4404)
    room.wait_for("gone")
    look(room, "gone")


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_after_the_end_is_readable(visit: Visit, look: Callable[[Room, str], None], screen: dict) -> None:
    room = visit({**screen, "reduced_motion": "reduce"}).enter()
    room.wait_for("yours")
    room.type("I would like to talk about my salary.")
    room.page.wait_for_selector("#turn-2")
    room.page.locator(".stop-now").click()
    room.page.wait_for_selector(".after-page")
    look(room, "after")

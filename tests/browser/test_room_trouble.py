"""A refused microphone, reloads, lost frames, wrong clocks and outages: the room recovers and loses nothing."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.devices import PHONE
from tests.browser.driver import Room, wait_until
from tests.browser.test_room import OPENING, tone
from tests.pages.looks import SHIFTS, shifted
from tests.stack import Stack

Visit = Callable[..., Room]
# On the next pages IndexedDB opens only when `openStorage()` is called.
SLOW_STORAGE = """{
  const opening = new Promise((resolve) => (globalThis.openStorage = resolve));
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...given) {
    const request = open.apply(this, given);
    Object.defineProperty(request, "onsuccess", {
      set: (handler) => request.addEventListener("success", (event) => opening.then(() => handler(event))),
    });
    return request;
  };
}"""
LONG = "So here is the thing about the budget this year and why I cannot promise anything."


# As in Chromium: the permission is undecided until the page asks, and is then refused for good.
REFUSED = """{
  let state = "prompt";
  Permissions.prototype.query = async () => ({ state });
  MediaDevices.prototype.getUserMedia = async () => {
    state = "denied";
    throw new DOMException("Permission denied", "NotAllowedError");
  };
}"""


def test_a_refused_microphone_leads_to_typing(visit: Visit) -> None:
    room = visit()
    room.page.add_init_script(REFUSED)
    room.enter()
    room.wait_for("ask")
    room.press("Allow the microphone")
    room.wait_for("typing")
    room.expect_notice("Your browser is blocking the microphone on this page")
    room.type("Then I type what I have to say.")
    room.expect_line(1, "Then I type what I have to say.")
    room.page.wait_for_selector("#turn-2")
    assert room.frames("turn_text", sent=True)[0]["sequence"] == 1


def test_a_reload_during_a_reply_continues_it(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(300))
    room = visit(PHONE).enter()
    room.wait_for("yours")
    pieces = [f"{word} " for word in LONG.split()]
    coach.fake.answer("roleplay", text=pieces, pcm=tone(4000), hold="rest", hold_at=20)
    room.type("Can we talk about the budget?")
    room.wait_for("speaking")
    room.hold_sound_back()
    room.page.add_init_script(SHIFTS)
    room.page.reload()
    room.page.wait_for_selector(".stage")
    room.expect_line(1, "Can we talk about the budget?")
    coach.fake.release("rest")
    room.expect_line(2, "promise anything.")
    expect(room.page.get_by_role("button", name="Play audio")).to_be_visible()
    # 0.33 where the notice pushes the lines up; up to 0.11 where the transcript grows as the words beneath it change.
    assert shifted(room.page) < 0.2
    talk = room.page.locator("[data-talk]")
    told = talk.bounding_box()
    room.press("Play audio")  # a reload forgets the click that had allowed sound
    room.wait_for("yours")
    assert talk.bounding_box() == told, "the notice moved the control"
    assert {"sequence": 2, "type": "playback_ended"} in room.frames("playback_ended", sent=True)


def test_a_reload_while_speaking_keeps_what_was_said_however_slow_the_storage(visit: Visit) -> None:
    room = visit().enter()
    room.wait_for("yours")
    room.page.keyboard.down(" ")
    room.recorded(2, turn=1)
    room.page.add_init_script(SLOW_STORAGE)
    room.page.reload()
    room.page.keyboard.up(" ")
    room.wait_for("yours")
    room.expect_notice("can't keep recordings safe yet")
    room.page.keyboard.down(" ")  # record the turn again before the first recording is found
    room.page.evaluate("openStorage()")
    room.expect_notice("An earlier recording of this turn was found")
    room.recorded(1)
    room.page.keyboard.up(" ")
    room.expect_notice("You recorded this turn twice")
    room.press("Use the earlier one")
    room.page.wait_for_selector("#turn-2")
    first, again = (frame["startedAt"] for frame in room.frames("turn_start", sent=True)[:2])
    assert first != again
    assert room.stored()["turns"][1]["startedAt"] == first


def test_a_refused_turn_can_be_sent_again_unchanged(visit: Visit, coach: Stack) -> None:
    """Its audio frames never reached the server; the page still has the recording."""
    room = visit()
    lossy = {"on": True}

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        route.on_message(lambda frame: None if lossy["on"] and isinstance(frame, bytes) else server.send(frame))

    room.page.route_web_socket("**/ws/**", pass_on)
    room.enter()
    room.wait_for("yours")
    room.speak()
    room.wait_for("refused")
    lossy["on"] = False
    room.press("Send again")
    room.answered(2)  # the answer is stored once it has been said
    assert [turn["sequence"] for turn in room.stored()["turns"]][:3] == [0, 1, 2]


def test_a_dropped_socket_is_reopened_and_the_turn_arrives(visit: Visit) -> None:
    room = visit()
    line: dict[str, Any] = {"calls": 0}

    def pass_on(route: WebSocketRoute) -> None:
        line["calls"] += 1
        server = route.connect_to_server()

        def up(frame: str | bytes) -> None:
            if line["calls"] == 1 and isinstance(frame, str) and '"turn_end"' in frame:
                route.close(code=4503)
                return
            server.send(frame)

        route.on_message(up)

    room.page.route_web_socket("**/ws/**", pass_on)
    room.enter()
    room.wait_for("yours")
    room.speak()
    room.answered(2)  # the answer is stored once it has been said
    assert line["calls"] >= 2
    assert [turn["sequence"] for turn in room.stored()["turns"]][:3] == [0, 1, 2]


def test_a_text_sent_into_a_dead_network_survives_a_reload_and_arrives_once(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(300))
    room = visit()
    lost: list[str] = []

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def up(frame: str | bytes) -> None:
            if not lost and isinstance(frame, str) and '"turn_text"' in frame:
                lost.append(frame)
            else:
                server.send(frame)

        route.on_message(up)

    room.page.route_web_socket("**/ws/**", pass_on)
    room.enter()
    room.wait_for("yours")
    room.type(LONG)
    wait_until(room.page, lambda: lost)
    room.wait_for("sending")
    field = room.page.locator("#composer-words")
    expect(field).to_have_value("")
    room.page.reload()
    expect(field).to_have_value(LONG)
    expect(field).to_be_visible()
    room.wait_for("yours")
    field.press("Enter")
    room.answered(2)
    expect(field).to_have_value("")
    assert [turn["transcript"] for turn in room.stored()["turns"]].count(LONG) == 1
    assert room.page.evaluate("sessionStorage.getItem('draft')") is None


def test_what_is_said_before_a_new_connection_has_told_its_snapshot_arrives_after_it(visit: Visit) -> None:
    room = visit()
    lines: list[WebSocketRoute] = []
    held: list[str | bytes] = []
    early: list[str | bytes] = []
    told = {"open": False}

    def pass_on(route: WebSocketRoute) -> None:
        lines.append(route)
        server = route.connect_to_server()
        if len(lines) == 2:
            server.on_message(lambda frame: route.send(frame) if told["open"] else held.append(frame))
            route.on_message(lambda frame: (None if told["open"] else early.append(frame)) or server.send(frame))

    room.page.route_web_socket("**/ws/**", pass_on)
    room.enter()
    room.wait_for("yours")
    room.page.keyboard.down(" ")
    room.recorded(1)
    lines[0].close(code=4503)
    wait_until(room.page, lambda: held)
    seconds = int(room.page.locator("[data-take-time]").inner_text().split(":")[1])
    room.recorded(seconds + 1)
    assert early == []
    told["open"] = True
    for frame in held:
        lines[1].send(frame)
    room.page.keyboard.up(" ")
    room.answered(2)
    assert room.frames("error") == room.frames("turn_rejected") == []


def test_a_turn_that_arrived_late_is_ended_again_without_another_upload(visit: Visit) -> None:
    room = visit()
    ends: list[dict[str, Any]] = []
    sounds: list[int] = []  # for each audio frame, how many ends were sent before it

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def up(frame: str | bytes) -> None:
            if isinstance(frame, bytes):
                sounds.append(len(ends))
            elif (message := json.loads(frame))["type"] == "turn_end":
                ends.append(message)
                if len(ends) == 1:  # as if its upload had taken five seconds
                    sent_at = datetime.fromisoformat(message["clientSentAt"]) - timedelta(seconds=5)
                    frame = json.dumps(message | {"clientSentAt": sent_at.isoformat()})
            server.send(frame)

        route.on_message(up)

    room.page.route_web_socket("**/ws/**", pass_on)
    room.enter()
    room.wait_for("yours")
    room.speak()
    room.answered(2)
    assert [one["code"] for one in room.frames("turn_rejected")] == ["clock_drift"]
    assert (len(ends), set(sounds)) == (2, {0})


def test_a_computer_whose_clock_is_five_hours_wrong_can_practise(visit: Visit) -> None:
    room = visit()
    room.page.add_init_script(
        "{ const now = Date.now; Date.now = () => now() - 5 * 3600e3;"
        " const Real = Date; globalThis.Date = class extends Real {"
        " constructor(...a) { a.length ? super(...a) : super(Real.now()); } }; }"
    )
    room.walk_in()
    room.wait_for("yours")
    room.speak()
    room.page.wait_for_selector("#turn-2")
    assert room.frames("turn_rejected") == []


def test_sound_blocked_by_the_browser_plays_after_a_click(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(800), hold="opening")
    started = visit().enter()
    room = visit()
    room.hold_sound_back()
    room.open(started.session_id)
    room.wait_for("opening")
    coach.fake.release("opening")
    room.wait_for("blocked")
    room.expect_line(0, OPENING)
    room.press("Play audio")
    room.wait_for("yours")
    assert [one["sequence"] for one in room.frames("playback_ended", sent=True)] == [0]


def test_a_second_tab_takes_over_and_gives_back(visit: Visit) -> None:
    first = visit().enter()
    first.wait_for("yours")
    second = visit(like=first).open(first.session_id)
    second.wait_for("yours")
    first.wait_for("elsewhere")
    first.press("Continue here")
    first.wait_for("yours")
    second.wait_for("elsewhere")


def test_a_slow_network_loses_nothing(visit: Visit, coach: Stack) -> None:
    coach.fake.answer("roleplay", text=[OPENING], pcm=tone(300))
    room = visit().enter()
    room.wait_for("yours")
    session = room.page.context.new_cdp_session(room.page)
    slow = {"offline": False, "latency": 400, "downloadThroughput": 60_000, "uploadThroughput": 20_000}
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", slow)
    pcm = tone(1500, 440)
    coach.fake.answer("roleplay", text=["Slowly, ", "but it comes."], pcm=pcm)
    room.speak()
    room.expect_line(2, "Slowly, but it comes.")
    room.wait_for("yours")
    assert room.sound_of(2) == pcm


def test_the_room_says_that_it_is_offline_and_recovers(visit: Visit) -> None:
    room = visit().enter()
    room.wait_for("yours")
    room.page.context.set_offline(True)
    room.wait_for("offline")
    room.page.context.set_offline(False)
    room.wait_for("yours")


def test_a_waiting_trainee_sees_their_place_in_the_queue_and_is_admitted(visit: Visit, coach: Stack) -> None:
    with httpx.Client(base_url=coach.address(), trust_env=False, timeout=30) as api:
        scenario = api.get("/api/scenarios").json()["items"][0]["id"]
        taken = []
        while True:
            created = api.post("/api/sessions", json={"scenarioId": scenario, "clientSessionStartedAt": _now()})
            assert created.status_code == 201, created.text
            taken.append(created.json()["id"])
            if created.json()["status"] == "pending":
                break
        try:
            room = visit().enter()
            room.wait_for("queued")
            expect(room.page.locator("[data-hint]")).to_contain_text("You're number 2")
            for session in taken[:2]:
                api.post(f"/api/sessions/{session}/manual-stop", json={"reason": "manual"})
            room.wait_for("yours")
        finally:
            for session in taken:
                api.post(f"/api/sessions/{session}/manual-stop", json={"reason": "manual"})


def _now() -> str:
    return datetime.now(UTC).isoformat()


def test_a_session_that_was_erased_says_so(visit: Visit, coach: Stack) -> None:
    room = visit().enter()
    room.wait_for("yours")
    httpx.delete(f"{coach.address()}/api/sessions/{room.session_id}", trust_env=False)
    room.wait_for("gone")
    room.press("Choose another scenario")
    expect(room.page).to_have_url(f"{coach.address()}/")

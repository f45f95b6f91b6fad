"""Finding a scenario and getting ready, by mouse, by keyboard and without JavaScript."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from practice.models import Scenario
from tests.browser.driver import PRESSED_AND_RELEASED, wait_until, watch_pressed
from tests.pages.looks import DESK, PHONE, violations, visit

pytestmark = pytest.mark.browser

Shelf = dict[str, Scenario]


def cards(page: Page) -> list[str]:
    return page.locator(".scenario-card-title").all_inner_texts()


def test_search_as_you_type_keeps_the_address_the_focus_and_the_way_back(
    chromium: Browser, live_server: LiveServer, stocked: Shelf
) -> None:
    with visit(chromium) as page:
        page.goto(live_server.url)
        search = page.get_by_role("searchbox")
        search.press_sequentially("slip", delay=30)
        expect(page.locator(".scenario-card")).to_have_count(1)
        expect(page).to_have_url(f"{live_server.url}/?search=slip")
        expect(search).to_be_focused()
        expect(page.locator("#announce")).to_have_text("1 scenario")
        page.get_by_role("link", name="Home 0").wait_for(state="detached")
        search.press_sequentially("ped", delay=30)
        expect(page).to_have_url(f"{live_server.url}/?search=slipped")
        page.go_back()
        expect(page).to_have_url(f"{live_server.url}/")
        expect(page.locator(".scenario-card")).to_have_count(5)
        expect(page.get_by_role("searchbox")).to_have_value("")


def test_the_first_steps_by_keyboard_once_and_never_again(
    chromium: Browser, live_server: LiveServer, stocked: Shelf
) -> None:
    with visit(chromium) as page:
        page.goto(live_server.url)
        steps = page.locator(".onboarding")
        expect(steps.get_by_role("heading", name="How it works")).to_be_visible()
        expect(steps.get_by_role("heading", name="Your microphone")).to_be_hidden()
        steps.get_by_role("button", name="Next step").press("Enter")
        expect(steps.get_by_role("heading", name="What stays on this computer")).to_be_focused()
        expect(steps).to_contain_text("Step 2 of 3")
        steps.get_by_role("button", name="Previous step").press("Enter")
        expect(steps.get_by_role("heading", name="How it works")).to_be_focused()
        steps.get_by_role("button", name="Next step").press("Enter")
        steps.get_by_role("button", name="Next step").press("Enter")
        expect(steps.get_by_role("button", name="Check your microphone")).to_be_enabled()
        steps.get_by_role("button", name="Check your microphone").press("Enter")
        steps.locator("[data-state=heard]").wait_for()
        assert violations(page) == []
        steps.get_by_role("button", name="Done").press("Enter")
        expect(steps).to_be_hidden()
        expect(page.locator("#main")).to_be_focused()
        page.reload()
        expect(steps).to_have_count(0)
        page.context.clear_cookies()
        page.reload()
        steps.get_by_role("button", name="Skip").press("Enter")
        page.reload()
        expect(steps).to_have_count(0)


def test_filters_combine_and_each_is_a_step_back(chromium: Browser, live_server: LiveServer, stocked: Shelf) -> None:
    with visit(chromium) as page:
        page.goto(live_server.url)
        page.get_by_role("link", name="Home 2").click()
        expect(page.locator(".scenario-card")).to_have_count(2)
        page.get_by_text("By skill").click()
        page.get_by_role("link", name="Setting limits 1").click()
        expect(page.locator(".scenario-card")).to_have_count(1)
        expect(page).to_have_url(re.compile(r"category=Home&skill=limits"))
        # The filters that were opened stay open, and the keyboard stays on the one that was used.
        expect(page.get_by_role("link", name="Setting limits 1")).to_be_focused()
        page.go_back()
        expect(page.locator(".scenario-card")).to_have_count(2)
        page.reload()
        expect(page.locator(".scenario-card")).to_have_count(2)
        page.get_by_role("link", name="Show all").click()
        expect(page.locator(".scenario-card")).to_have_count(5)


def test_an_empty_result_leads_out_again(chromium: Browser, live_server: LiveServer, stocked: Shelf) -> None:
    with visit(chromium) as page:
        page.goto(f"{live_server.url}/?category=Home")
        page.get_by_role("searchbox").fill("slipped")
        page.get_by_role("link", name="Clear “Home” (1 scenario)").click()
        assert page.get_by_role("searchbox").input_value() == "slipped"
        expect(page.locator(".scenario-card-title")).to_have_text(["The deadline that slipped again"])
        page.get_by_role("searchbox").fill("zzz")
        page.get_by_role("link", name="Clear “zzz”").click()
        expect(page.get_by_role("searchbox")).to_have_value("")
        expect(page.locator(".scenario-card")).to_have_count(5)


def test_the_chosen_filter_is_in_sight_on_a_phone(chromium: Browser, live_server: LiveServer, stocked: Shelf) -> None:
    with visit(chromium, size=PHONE) as page:
        page.goto(f"{live_server.url}/?category=%E5%AE%B6%E5%BA%AD")
        expect(page.locator(".chip[aria-current]")).to_be_in_viewport(ratio=1)


def test_without_javascript_search_and_filters_work(chromium: Browser, live_server: LiveServer, stocked: Shelf) -> None:
    with visit(chromium, java_script_enabled=False) as page:
        page.goto(f"{live_server.url}/?category=Home")
        page.get_by_role("searchbox").fill("rent")
        page.get_by_role("button", name="Search").click()
        assert cards(page) == ["Asking for the rent"]
        page.get_by_role("link", name="Home 1").click()
        assert "category" not in page.url
        page.locator(".scenario-card").first.click()
        expect(page.locator("noscript p")).to_contain_text("Talking needs JavaScript")
        expect(page.locator("noscript p")).to_be_visible()


def test_the_keyboard_alone_finds_and_prepares(chromium: Browser, live_server: LiveServer, stocked: Shelf) -> None:
    with visit(chromium) as page:
        page.goto(live_server.url)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("slipped")
        expect(page).to_have_url(f"{live_server.url}/?search=slipped")  # all of it, not its first letters
        expect(page.locator(".scenario-card")).to_have_count(1)
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.classList.contains('scenario-card')"):
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("The deadline that slipped again")
        page.get_by_text("Their side (spoiler)").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("You joke when it gets close.")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "message", "help_text"),
    [
        ("NotAllowedError", "Permission denied", "Click the icon left of the address"),
        ("NotAllowedError", "Permission denied by system", "Your computer does not let this browser"),
        ("NotFoundError", "Requested device not found", "No microphone was found"),
        ("NotReadableError", "Could not start audio source", "another program may be using it"),
        ("SecurityError", "", "Browsers only open the microphone on a secure page"),
        ("UnknownError", "", "The microphone could not be opened"),
    ],
)
def test_each_refusal_of_the_microphone_has_its_own_help(
    chromium: Browser, live_server: LiveServer, stocked: Shelf, name: str, message: str, help_text: str
) -> None:
    with visit(chromium) as page:
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
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


def test_a_silent_microphone_is_named_as_such(chromium: Browser, live_server: LiveServer, stocked: Shelf) -> None:
    with visit(chromium) as page:
        page.clock.install()
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.evaluate(
            """() => { navigator.mediaDevices.getUserMedia =
                 async () => new AudioContext().createMediaStreamDestination().stream; }"""
        )
        page.get_by_role("button", name="Check your microphone").click()
        page.get_by_text("Listening: say a few words.").wait_for()
        page.clock.run_for(4100)
        expect(page.get_by_text("The microphone is open but silent.")).to_be_visible()


def test_the_level_moves_and_the_microphone_is_let_go(
    chromium: Browser, live_server: LiveServer, stocked: Shelf
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
        expect(page.get_by_text("We hear you. You are ready.")).to_be_visible()
        expect(page.locator(".microphone-level > .lit").first).to_be_visible()
        page.get_by_role("button", name="Stop the check").click()
        expect(page.locator(".microphone-level > .lit")).to_have_count(0)
        assert page.evaluate("streams[0].getTracks().every((track) => track.readyState === 'ended')")


def test_one_s_own_voice_can_be_heard_and_the_speakers_tested(
    chromium: Browser, live_server: LiveServer, stocked: Shelf
) -> None:
    with visit(chromium) as page:
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.get_by_role("button", name="Check your microphone").click()
        watch_pressed(page, "main")
        page.get_by_role("button", name="Hear yourself").click()
        page.wait_for_function(PRESSED_AND_RELEASED)
        page.get_by_role("button", name="Test speakers").click()
        expect(page.get_by_text("Did you hear two notes?")).to_be_visible()


def test_the_chosen_microphone_is_remembered(chromium: Browser, live_server: LiveServer, stocked: Shelf) -> None:
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


def test_a_check_that_cannot_record_says_so_and_lets_go(
    chromium: Browser, live_server: LiveServer, stocked: Shelf
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
        expect(page.get_by_text("this browser could not start recording")).to_be_visible()
        assert page.evaluate("streams[0].getTracks().every((track) => track.readyState === 'ended')")


def answer(page: Page, replies: list[tuple[int, dict]]) -> list[dict]:
    """Let `POST /api/sessions` answer these in turn; returns what was asked."""
    asked: list[dict] = []

    def reply(route: Route) -> None:
        asked.append(route.request.post_data_json)
        status, content = replies[min(len(asked), len(replies)) - 1]
        route.fulfill(status=status, json=content)

    page.route("**/api/sessions", reply)
    return asked


def test_start_allows_for_a_clock_that_is_hours_wrong(
    chromium: Browser, live_server: LiveServer, stocked: Shelf
) -> None:
    with visit(chromium, expected=("422",)) as page:
        drift = {"status": 422, "code": "clock_drift", "driftSeconds": 7200, "detail": "Your clock is wrong."}
        asked = answer(page, [(422, drift), (201, {"id": "s1"})])
        page.route(
            "**/sessions/s1/",
            lambda route: route.fulfill(body="<div id=site><main id=main tabindex=-1>room</main></div>"),
        )
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_text("room", exact=True)).to_be_visible()
        first, second = (page.evaluate("Date.parse", each["clientSessionStartedAt"]) for each in asked)
        assert first - second == pytest.approx(7_200_000, abs=5_000)
        assert asked[0]["scenarioId"] == stocked["late"].pk
        expect(page).to_have_url(f"{live_server.url}/sessions/s1/")
        expect(page.locator("#main")).to_be_focused()


def test_start_waits_for_models_that_are_being_loaded(
    chromium: Browser, live_server: LiveServer, stocked: Shelf
) -> None:
    with visit(chromium, expected=("503",)) as page:
        page.clock.install()
        loading = {"status": 503, "code": "models_loading", "detail": "Not yet.", "progress": 0.4}
        answer(page, [(503, loading), (201, {"id": "s1"})])
        page.route(
            "**/sessions/s1/",
            lambda route: route.fulfill(body="<div id=site><main id=main tabindex=-1>room</main></div>"),
        )
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.get_by_role("button", name="Start").click()
        expect(page.locator("[data-start-wait]")).to_contain_text("is still getting ready")
        expect(page.get_by_role("progressbar", name="Prepared so far")).to_have_js_property("value", 0.4)
        expect(page.locator("[data-start-problem]")).to_be_hidden()
        page.clock.run_for(5100)
        expect(page.get_by_text("room", exact=True)).to_be_visible()


def test_a_full_house_is_told_and_start_stays(chromium: Browser, live_server: LiveServer, stocked: Shelf) -> None:
    with visit(chromium, expected=("429",)) as page:
        full = {"status": 429, "code": "capacity", "detail": "pilot capacity exceeded, retry shortly"}
        answer(page, [(429, full)])
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        start = page.get_by_role("button", name="Start")
        start.click()
        expect(page.locator("[data-start-problem]")).to_contain_text("the queue is full")
        expect(page.locator("#alert")).to_contain_text("the queue is full")
        expect(start).to_have_attribute("aria-disabled", "false")


def test_sound_is_unlocked_inside_the_click(chromium: Browser, live_server: LiveServer, stocked: Shelf) -> None:
    with visit(chromium) as page:
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.evaluate(
            """() => {
               window.order = [];
               const Real = AudioContext;
               window.AudioContext = class extends Real { constructor(...all) { super(...all); order.push("sound"); } };
               window.fetch = () => { order.push("fetch"); return new Promise(() => {}); };
               }"""
        )
        page.get_by_role("button", name="Start").click()
        assert page.evaluate("order") == ["sound", "fetch"]


# The words of what has the focus; nothing once the keyboard has left the page, and "hidden" where something lies on it.
FOCUS = """() => {
  const on = document.activeElement;
  if (on === document.body) return "";
  const box = on.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const seen = on.contains(top) || top?.contains(on);
  return seen ? on.textContent.trim() || on.name : `hidden: ${on.outerHTML.slice(0, 80)}`;
}"""


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_keyboard_reaches_everything_and_nothing_lies_on_it(
    chromium: Browser, live_server: LiveServer, stocked: Shelf, size: tuple[int, int]
) -> None:
    with visit(chromium, size=size) as page:
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        page.wait_for_load_state("networkidle")
        reached = []
        for _ in range(40):
            page.keyboard.press("Tab")
            if not (words := page.evaluate(FOCUS)):
                break
            reached.append(words)
        assert reached[-1] == "Start"
        assert [words for words in reached if words.startswith("hidden")] == []


def test_a_button_that_is_pressed_before_its_script_came_is_not_lost(
    chromium: Browser, live_server: LiveServer, stocked: Shelf
) -> None:
    held: list[Route] = []
    with visit(chromium) as page:
        page.route(re.compile(r"/js/pages/onboarding[^/]*\.js"), lambda route: held.append(route))
        page.goto(live_server.url, wait_until="domcontentloaded")
        page.wait_for_function("'booted' in document.documentElement.dataset")
        page.evaluate("document.querySelector('[data-next]').click()")
        wait_until(page, lambda: held)
        held[0].continue_()
        expect(page.locator(".onboarding")).to_contain_text("Step 2 of 3")


def test_a_script_that_does_not_come_leaves_a_page_with_words(
    chromium: Browser, live_server: LiveServer, stocked: Shelf
) -> None:
    with visit(chromium, expected=("ERR_FAILED", "Failed to fetch dynamically")) as page:
        page.goto(f"{live_server.url}/scenarios/{stocked['late'].pk}/")
        expect(page.get_by_text("Part of this page didn't load.")).to_be_hidden()
        page.route(re.compile(r"/js/pages/microphone[^/]*\.js"), lambda route: route.abort())
        page.goto(f"{live_server.url}/scenarios/{stocked['boss'].pk}/")
        expect(page.get_by_text("Part of this page didn't load.")).to_be_visible()
        expect(page.get_by_role("button", name="Start")).to_be_enabled()

"""The history in Chromium: find a conversation, hear it, learn from it, practise it again, erase it."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.browser.driver import Room, wait_until
from tests.stack import Stack

Visit = Callable[..., Room]
TITLE = "Asking for the raise you have earned"
TOOL = "evaluation_result"
STOCK = f"""
from django.utils import timezone
from coach.storage import audio
from practice import audio_links
from practice.models import Scenario
from tests.audio import sounds
from tests.pages import past
made = past.stock(Scenario.objects.get(title={TITLE!r}))
made.pop("active").delete()
for name, session in made.items():
    seconds = 1 if name == "waiting" else 8
    for turn in session.turns.filter(sequence__lt=4):
        turn.audio = audio.keep(sounds.mp3(seconds), duration_ms=seconds * 1000, now=timezone.now())
        turn.save()
keys = {{name: session.pk for name, session in made.items()}}
earlier = audio_links.Links("pilot-user", now=timezone.now() - timezone.timedelta(minutes=16))
answer = keys | {{"expired": earlier.to(made["waiting"].turns.get(sequence=1).pk)}}
"""


BEING_MADE = f"""
from datetime import timedelta
from django.utils import timezone
from evaluations.models import Evaluation
from practice.models import Scenario
from tests.pages import past
session = past.stock(Scenario.objects.get(title={TITLE!r}))["unread"]
session.evaluation.scores.all().delete()
held = dict(status="running", claim="nobody", claimed_until=timezone.now() + timedelta(hours=1))
Evaluation.objects.filter(session=session).update(**held, completed_at=None, summary="")
answer = session.pk
"""
GIVEN_UP = """
from evaluations.models import Evaluation
answer = Evaluation.objects.filter(claim="nobody").update(
    status="failed", claim="", claimed_until=None, last_error="The evaluator did not answer."
)
"""


@pytest.fixture(scope="module")
def past(running: Stack) -> dict[str, str]:
    """Ids of the sessions of tests/pages/past.py by name, their first lines recorded; and an `expired` link."""
    return dict(running.run(STOCK))


# `marked`: lines marked as playing, in order. `atOnce`: the most recordings that played at the same time.
LISTEN = """
window.marked = [];
window.atOnce = 0;
window.places = [];
document.addEventListener("play", () => {
  atOnce = Math.max(atOnce, [...document.querySelectorAll("audio")].filter((one) => !one.paused).length);
}, true);
new MutationObserver((changes) => {
  for (const { target } of changes) if ("playing" in target.dataset) marked.push(target.id);
}).observe(document.querySelector("[data-lines]"), { attributeFilter: ["data-playing"], subtree: true });
const place = document.querySelector("[data-place]");
new MutationObserver(() => places.push(place.textContent)).observe(place, { childList: true });
"""


def test_a_conversation_is_found_heard_practised_again_and_erased(
    visit: Visit, coach: Stack, past: dict[str, str]
) -> None:
    room = visit()
    page = room.page
    page.goto("/history/")
    page.goto("/history/?sort=startedAtDesc")  # without this, so few sessions are shown without filters
    page.get_by_label("Search").fill("raise")
    page.wait_for_url("**/history/?search=raise**")
    # Today's sessions of other tests may fill the first page.
    page.get_by_text("Filter and order").click()
    page.get_by_label("Order").select_option("Oldest first")
    page.wait_for_url("**sort=startedAtAsc**")
    page.locator(f'a[href="/history/{past["waiting"]}/"]').click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    page.wait_for_load_state("networkidle")  # its scripts listen from then on

    refused: list[int] = []
    page.on("response", lambda answer: refused.append(answer.status) if answer.status == 403 else None)
    # As if the page had kept the link for a quarter of an hour.
    expired = {"status": 302, "headers": {"Location": past["expired"]}}
    page.route("**/turns/*/audio/", lambda route: route.fulfill(**expired), times=1)
    page.evaluate(LISTEN)
    page.locator("#turn-1 [data-play]").click()
    page.wait_for_function("() => document.querySelector('[data-again]').currentTime > 0")
    assert refused == [403]
    assert page.evaluate("marked") == ["turn-1"]
    expect(page.locator(".session-page > [data-audio-problem]")).to_be_hidden()

    page.evaluate("marked = []")
    page.get_by_role("button", name="Play the whole conversation").click()
    page.wait_for_function("() => places.length === 4")
    expect(page.locator("[data-line][data-playing]")).to_have_count(0)
    assert page.evaluate("places") == [f"Line {number} of 4" for number in (1, 2, 3, 4)]
    assert page.evaluate("[marked, atOnce]") == [["turn-0", "turn-1", "turn-2", "turn-3"], 1]

    page.get_by_role("link", name="History").first.click()
    page.get_by_role("link", name=f"Practise again: {TITLE}").first.click()
    page.locator("[data-start]:not([disabled])").click()
    page.wait_for_selector(".stage")
    expect(page.locator("#turn-0 [data-words]")).not_to_be_empty()
    assert room.stored()["scenario"]["title"] == TITLE
    room.page.locator(".stop-now").click()
    page.wait_for_selector(".after-page")

    page.goto(f"/history/{past['waiting']}/")
    page.get_by_role("link", name="Delete").click()
    expect(page.locator("main")).to_contain_text("6 lines of the conversation")
    expect(page.locator("main")).to_contain_text("4 recordings")
    page.get_by_role("button", name="Delete this session").click()
    expect(page.get_by_text("The session was deleted.")).to_be_visible()
    assert page.goto(f"/history/{past['waiting']}/").status == 404
    gone = httpx.get(f"{coach.address()}/api/sessions/{past['waiting']}?historyStepCount=1", trust_env=False)
    assert gone.status_code == 404


def test_a_quote_plays_and_leads_to_its_turn(visit: Visit, past: dict[str, str]) -> None:
    page = visit().page
    page.goto(f"/history/{past['scored']}/")
    page.wait_for_load_state("networkidle")
    quote = page.get_by_role("button", name="Hear yourself: “How are you, really?”")
    quote.focus()
    with page.expect_response(lambda answer: "/api/audio/" in answer.url) as asked:
        page.keyboard.press("Space")
    assert asked.value.status in (200, 206)
    expect(quote).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Play yourself, line 2").click()
    expect(quote).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#turn-1[data-playing]")).to_be_visible()
    page.get_by_role("link", name="“How are you, really?”", exact=True).click()
    expect(page.locator("#turn-3[data-shown]")).to_be_in_viewport()
    page.get_by_role("link", name="Show where").first.click()
    expect(page.locator("#turn-5[data-shown]")).to_be_in_viewport()
    expect(page.locator("[data-shown]")).to_have_count(1)


def test_failed_feedback_is_requested_again_and_appears_by_itself(
    visit: Visit, coach: Stack, past: dict[str, str]
) -> None:
    coach.fake.answer(TOOL, hold="judging", times=None)  # whichever session asks first
    page = visit().page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method) if "/evaluation/" in request.url else None)
    page.goto(f"/history/{past['failed']}/")
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_enabled()

    held: list[Route] = []

    def hold_post(route: Route) -> None:
        held.append(route) if route.request.method == "POST" else route.continue_()

    page.route("**/evaluation/", hold_post)
    again.click()
    expect(again).to_be_disabled()
    wait_until(page, lambda: held)
    held.pop().continue_()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(again).to_have_count(0)
    coach.fake.wait_for(1, TOOL)
    coach.fake.release("judging")
    expect(page.locator(".evaluation[data-phase=completed]")).to_be_visible()
    expect(page.locator(".score")).not_to_have_count(0)
    assert asked.count("POST") == 1
    expect(page.locator("[hx-trigger*='every']")).to_have_count(0)  # nothing is asked for again


def test_an_own_view_being_written_outlives_a_failure_and_another_try(
    visit: Visit, coach: Stack, running: Stack
) -> None:
    coach.fake.answer(TOOL, hold="judging", times=None)
    session = running.run(BEING_MADE)
    page = visit().page
    page.goto(f"/history/{session}/")
    page.get_by_role("radio", name="I did").first.check()
    note = page.get_by_label("One thing you would do differently")
    note.fill("Ask earlier.")
    assert running.run(GIVEN_UP) == 1
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    expect(note).to_be_focused()
    expect(note).to_have_value("Ask earlier.")

    again.click()
    expect(again).to_have_count(0)
    expect(page.get_by_text("Your feedback is being prepared in the meantime.")).to_be_visible()
    coach.fake.wait_for(1, TOOL)
    coach.fake.release("judging")
    expect(page.get_by_text("Your feedback is ready.")).to_be_visible()
    expect(note).to_have_value("Ask earlier.")
    expect(page.get_by_role("radio", name="I did").first).to_be_checked()


def test_ones_own_view_comes_first_and_lines_are_disputed_corrected_searched_and_heard(
    visit: Visit, past: dict[str, str]
) -> None:
    page = visit().page
    page.goto(f"/history/{past['unread']}/")
    expect(page.get_by_text("Say what you think first")).to_be_visible()
    expect(page.locator(".meters")).to_have_count(0)
    page.get_by_role("radio", name="I did").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.get_by_label("One thing you would do differently").fill("Ask earlier.")
    page.keyboard.press("Enter")
    expect(page.locator(".meters tbody tr").first).to_contain_text("I did")
    expect(page.locator("#evaluation-title")).to_be_focused()

    finding = page.locator(".finding").first
    finding.locator("summary").focus()
    page.keyboard.press("Enter")
    finding.get_by_label("What do you see differently?").fill("I said it before.")
    page.keyboard.press("Enter")
    expect(page.locator(".finding").first).to_contain_text("A reviewer will look at it")

    page.locator("#turn-1 .line-correct summary").click()
    page.locator("#turn-1").get_by_label("What you actually said").fill("On Friday the report came four days late.")
    page.locator("#turn-1").get_by_role("button", name="Save").click()
    expect(page.locator("#turn-1 .line-words [data-words]")).to_have_text("On Friday the report came four days late.")
    expect(page.locator("#turn-1")).to_contain_text("What was recognised:")
    expect(page.get_by_role("button", name="Redo the feedback")).to_be_visible()

    page.get_by_label("Search what was said").fill("THE")
    expect(page.locator(".script-search output")).to_have_text("1 of 5")
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".script-search output")).to_have_text("5 of 5")

    page.get_by_label("Speed").select_option("1.5")
    page.locator(".strip-turn[data-sequence='3'] rect").first.click()
    expect(page.locator("#turn-3[data-playing]")).to_be_visible()
    expect(page.locator(".strip-head")).to_have_attribute("visibility", "visible")
    assert page.evaluate("document.querySelector('[data-through]').playbackRate") == 1.5
    page.reload()
    expect(page.get_by_label("Speed")).to_have_value("1.5")
    expect(page.locator(".meters tbody tr").first).to_contain_text("I did")

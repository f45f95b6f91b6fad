"""On a phone no page is too wide, no control too small and no word broken, unfolded and with text twice as large."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from practice.models import PracticeSession, Scenario
from tests.pages import library, past
from tests.pages.looks import visit
from tests.seeding.test_role_briefs import BRIEF

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 390)
PAGES = (
    "/", "/?search=xyzzy&category=Nowhere", "/?skill=skill-3", "/scenarios/{late}/", "/scenarios/{family}/",
    "/sessions/{active}/", "/sessions/{scored}/", "/sessions/{unread}/", "/sessions/{failed}/", "/history/",
    "/history/?search=xyzzy", "/history/{scored}/", "/history/{unread}/", "/history/{failed}/", "/history/{waiting}/",
    "/history/takeout/", "/history/erase/", "/history/{scored}/erase/", "/history/{redone}/compare/",
    "/history/attempts/{late}/", "/progress/", "/progress/{rated}/",
    "/api/docs", "/nowhere",
    "/admin/", "/admin/practice/scenario/", "/admin/practice/scenario/{late}/change/",
    "/admin/practice/scenario/{draft}/change/", "/admin/practice/scenario/{late}/preview/",
    "/admin/practice/scenario/{draft}/preview/",
    "/admin/practice/scenario/{late}/history/", "/admin/practice/scenario/import/", "/admin/practice/skill/",
    "/admin/practice/skill/{skill}/change/",
)  # fmt: skip
OPEN = """() => { for (const each of document.querySelectorAll("details")) each.open = true; }"""
WIDER = """() => {
  const room = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth - room;
  if (wide <= 0) return "";
  const sticksOut = (each) => each.getBoundingClientRect().right > room + 1;
  const widest = [...document.body.querySelectorAll("*")].filter(sticksOut);
  return `${wide} px wider: ${widest.slice(0, 3).map((each) => each.outerHTML.slice(0, 90)).join(" | ")}`;
}"""

# With text twice as large. Words of more than 16 letters may break.
BROKEN_WORDS = r"""() => {
  const found = new Set();
  const hidden = (each) => each !== null && (each.offsetWidth === 1 || hidden(each.parentElement));
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode, around = text.parentElement;
    if (!around.checkVisibility() || around.closest("svg, option, noscript") || hidden(around)) continue;
    for (const word of text.data.matchAll(/[A-Za-z]{2,}/g)) {
      if (word[0].length > 16) continue;
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const boxes = [...range.getClientRects()].filter((box) => box.width > 1);
      const lines = new Set(boxes.map((box) => Math.round(box.top / 8)));
      if (lines.size > 1) found.add(`${word[0]} in ${around.outerHTML.slice(0, 60)}`);
    }
  }
  return [...found].join(" | ");
}"""

# Links inside a sentence are exempt (WCAG 2.5.8). Admin and API pages are for desktops.
TOO_SMALL = """() => {
  const words = (each) => each.textContent.trim();
  const inSentence = (each) => getComputedStyle(each).display === "inline" && words(each.parentElement) !== words(each);
  const target = (each) => each.matches("input") && each.closest("label") || each;
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, .skip-link, svg") && !each.disabled)
    .filter((each) => !inSentence(each))
    .map((each) => [each, target(each).getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && (box.height < 43.5 || box.width < 24))
    .map(([each, box]) => `${Math.round(box.width)} x ${Math.round(box.height)} ${each.outerHTML.slice(0, 90)}`);
}"""


@pytest.fixture
def keys(stocked: dict[str, Scenario]) -> dict[str, str]:
    skills = [library.skill(f"skill-{n}", f"A skill with a rather long name, number {n}") for n in range(14)]
    library.scenario("many", "Donaudampfschifffahrtsgesellschaft" * 3, skills=skills, category="Long " * 15)
    sessions: dict[str, PracticeSession] = past.stock(stocked["late"])
    sessions["redone"] = past.redone(sessions["read"])
    facts = [{"asked": [f"What is {place}?"], "says": ["It is " + "very " * 40]} for place in range(9)]
    Scenario.objects.filter(pk=stocked["draft"].pk).update(ai_persona_brief=BRIEF | {"knows": facts})
    found = {name: scenario.pk for name, scenario in stocked.items()} | {"skill": skills[0].pk}
    found["rated"] = stocked["late"].ordered_skills()[0].pk
    return found | {name: session.pk for name, session in sessions.items()}


def test_on_a_phone_no_page_scrolls_sideways_and_every_control_has_room_for_a_finger(
    chromium: Browser, live_server: LiveServer, keys: dict[str, str], client: Client
) -> None:
    get_user_model().objects.create_superuser("curator", password="curator")
    client.login(username="curator", password="curator")
    cookie = client.cookies["sessionid"].value
    found: dict[str, str] = {}
    with visit(chromium, size=(390, 800), has_touch=True, expected=("404", "WebSocket", "Failed to load")) as page:
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        for path in PAGES:
            page.goto(live_server.url + path.format(**keys), wait_until="load")  # with every style sheet
            found |= {f"{path} at {width}": wider for width in WIDTHS if (wider := _wider(page, width))}
            if not path.startswith(("/admin/", "/api/")) and (small := page.evaluate(TOO_SMALL)):
                found[f"{path}, too small"] = " | ".join(small)
            if not path.startswith(("/admin/", "/api/")):
                page.add_style_tag(content="html { font-size: 200% }")
                large = [_wider(page, 320), _wider(page, 360), page.evaluate(BROKEN_WORDS)]
                found |= {f"{path}, large text": each for each in large if each}
    assert found == {}, "\n".join(f"{place}: {wider}" for place, wider in found.items())


def _wider(page: Page, width: int) -> str:
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate(OPEN)
    return str(page.evaluate(WIDER))

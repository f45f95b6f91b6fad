"""No page is wider than a phone, whatever is expanded on it."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from practice.models import PracticeSession, Scenario
from tests.pages import library, past
from tests.pages.looks import visit

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 390)
PAGES = (
    "/", "/?search=xyzzy&category=Nowhere", "/?skill=skill-3", "/scenarios/{late}/", "/scenarios/{family}/",
    "/sessions/{active}/", "/sessions/{scored}/", "/sessions/{unread}/", "/sessions/{failed}/", "/history/",
    "/history/?search=xyzzy", "/history/{scored}/", "/history/{unread}/", "/history/{failed}/", "/history/{waiting}/",
    "/history/takeout/", "/history/erase/", "/history/{scored}/erase/", "/history/{scored}/compare/",
    "/history/attempts/{late}/", "/progress/",
    "/api/docs", "/nowhere",
    "/admin/", "/admin/practice/scenario/", "/admin/practice/scenario/{late}/change/",
    "/admin/practice/scenario/{late}/preview/", "/admin/practice/scenario/{draft}/preview/",
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


@pytest.fixture
def keys(stocked: dict[str, Scenario]) -> dict[str, str]:
    skills = [library.skill(f"skill-{n}", f"A skill with a rather long name, number {n}") for n in range(14)]
    library.scenario("many", "Donaudampfschifffahrtsgesellschaft" * 3, skills=skills, category="Long " * 15)
    sessions: dict[str, PracticeSession] = past.stock(stocked["late"])
    found = {name: scenario.pk for name, scenario in stocked.items()} | {"skill": skills[0].pk}
    return found | {name: session.pk for name, session in sessions.items()}


def test_no_page_scrolls_sideways_on_a_phone(
    chromium: Browser, live_server: LiveServer, keys: dict[str, str], client: Client
) -> None:
    get_user_model().objects.create_superuser("curator", password="curator")
    client.login(username="curator", password="curator")
    cookie = client.cookies["sessionid"].value
    found = {}
    with visit(chromium, size=(390, 800), expected=("404", "WebSocket", "Failed to load")) as page:
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        for path in PAGES:
            page.goto(live_server.url + path.format(**keys), wait_until="domcontentloaded")
            found |= {f"{path} at {width}": wider for width in WIDTHS if (wider := _wider(page, width))}
    assert found == {}, "\n".join(f"{place}: {wider}" for place, wider in found.items())


def _wider(page: Page, width: int) -> str:
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate(OPEN)
    return str(page.evaluate(WIDER))

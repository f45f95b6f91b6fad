"""The room, what comes after it and the history, as people meet them: two widths, light and dark."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from practice.models import PracticeSession, Scenario
from tests.pages import past
from tests.pages.looking import flaws, visit

pytestmark = pytest.mark.browser

# The test server speaks no WebSocket, and nobody has clicked yet: the pages say both in words, the console in its own.
NOT_HERE = ("WebSocket", "AudioContext was not allowed to start")

PATHS = {
    "room": "/sessions/{active}/",
    "after": "/sessions/{scored}/",
    "history": "/history/",
    "history, nothing found": "/history/?search=xyzzy",
    "session": "/history/{scored}/",
    "session, feedback failed": "/history/{failed}/",
    "session, feedback on its way": "/history/{waiting}/",
    "erase": "/history/{scored}/erase/",
    "erase all": "/history/erase/",
    "take along": "/history/takeout/",
    "progress": "/progress/",
}


@pytest.fixture
def sessions(stocked: dict[str, Scenario]) -> dict[str, PracticeSession]:
    return past.stock(stocked["late"])


def test_axe_finds_nothing(chromium: Browser, live_server: LiveServer, sessions: dict[str, PracticeSession]) -> None:
    keys = {name: session.pk for name, session in sessions.items()}
    found = {}
    with visit(chromium, reduced_motion="reduce", expected=NOT_HERE) as page:
        for name, path in PATHS.items():
            page.goto(live_server.url + path.format(**keys))
            page.wait_for_load_state("networkidle")
            found[name] = flaws(page, name)
    assert {name: each for name, each in found.items() if each} == {}

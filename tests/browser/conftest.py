"""Fixtures: Chromium, and all of the product's processes for it to visit."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.browser.contexts import Contexts
from tests.browser.devices import CHROMIUM, DESKTOP, QUIET, SOUND
from tests.browser.driver import Room
from tests.browser.stack import running as running_with_catalog
from tests.stack import Stack

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(300))  # the first test waits for all processes to start


# The package's, not the session's: Playwright's loop runs in this thread and must end before other tests start theirs.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Chromium with recorded speech as its microphone, which it may use without asking."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *SOUND])
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def running() -> Iterator[Stack]:
    with running_with_catalog(collected=True, PRACTICE_SOCKET_GRACE_SECONDS="60") as started:
        yield started


@pytest.fixture
def coach(running: Stack) -> Stack:
    """All processes, with the fake models reset; what a test does not script is said quickly."""
    running.fake.reset()
    running.fake.modes(audio_ms=200)
    return running


@pytest.fixture(scope="package")
def contexts(playwright: Playwright, running: Stack) -> Iterator[Contexts]:
    made = Contexts(running.address())
    yield made
    made.close()


@pytest.fixture
def visit(chromium: Browser, contexts: Contexts, coach: Stack) -> Iterator[Callable[..., Room]]:
    """`visit(**context_options)` opens a page; any script error on it fails the test."""
    taken: list[BrowserContext] = []
    rooms: list[Room] = []

    def open_page(options: dict[str, Any] = DESKTOP, *, browser: Browser = chromium, like: Room | None = None) -> Room:
        if like is None:
            taken.append(contexts.take(browser, options))
        rooms.append(Room((like.page.context if like else taken[-1]).new_page(), coach))
        return rooms[-1]

    yield open_page
    for room in rooms:
        room.leave()
    for context in taken:
        contexts.give_back(context)
    assert [fault for room in rooms for fault in room.faults] == []

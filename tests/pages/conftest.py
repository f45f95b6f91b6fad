from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from practice.models import Scenario
from tests.browser.devices import CHROMIUM, NO_QUESTIONS, QUIET
from tests.pages import library


@pytest.fixture
def catalog(db: None) -> dict[str, Scenario]:
    return library.stock()


@pytest.fixture
def stocked(transactional_db: None) -> dict[str, Scenario]:
    """The same catalog, committed, because the server of browser tests reads it over its own connection."""
    return library.stock()


# Package scope, not session: Playwright's loop runs in this thread and must end before other tests start theirs.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One Chromium for all page tests; its fake microphone beeps and needs no permission."""
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Playwright's event loop runs in this thread, where Django would refuse the tests' synchronous queries.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *NO_QUESTIONS])
        yield browser
        browser.close()

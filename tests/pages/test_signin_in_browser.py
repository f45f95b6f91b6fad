"""The sign-in pages in every state: by keyboard alone, at 200 % zoom and with large text."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from coach import identity
from coach.config import config
from tests.pages.looks import DESK, flaws, overflow, visit
from tests.signin.accounts import PASSWORD, account

pytestmark = pytest.mark.browser

SIGN_IN, CHANGE = "/accounts/login/", "/accounts/password/change/"


@pytest.fixture
def alice(transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: object) -> User:
    """A user with an account, on a site with sign-in."""
    monkeypatch.setattr(identity, "config", config.model_copy(update={"trainee_auth": "login"}))
    return account("alice")


def typed(page: Page, *words: str) -> None:
    """Type into one field after the other, then press Enter."""
    for number, word in enumerate(words):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.type(word)
    with page.expect_navigation(wait_until="networkidle"):
        page.keyboard.press("Enter")


def test_signing_in_and_changing_the_password_work_by_keyboard_alone(
    chromium: Browser, live_server: LiveServer, alice: User
) -> None:
    with visit(chromium, reduced_motion="reduce") as page:
        page.goto(live_server.url + "/history/")
        # The first field has the focus, and signing in leads to the requested page.
        assert page.evaluate("document.activeElement.name") == "login"
        found = {"sign in": flaws(page, "sign in")}
        page.set_viewport_size({"width": DESK[0] // 2, "height": DESK[1] // 2})
        assert overflow(page) == 0

        typed(page, "alice", "not her password")
        assert page.get_by_role("alert").filter(has_text="password").is_visible()
        found["wrong password"] = flaws(page, "wrong password")

        # The name is kept, and the focus is on the password field, which shows the error.
        assert page.evaluate("document.activeElement.name") == "password"
        assert page.get_by_label("Username").input_value() == "alice"
        expect(page.get_by_label("Password", exact=True)).to_have_accessible_description(re.compile("password"))
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/history/**")

        page.goto(live_server.url + CHANGE)
        found["change the password"] = flaws(page, "change the password")
        page.set_viewport_size({"width": DESK[0] // 2, "height": DESK[1] // 2})
        assert overflow(page) == 0
        page.locator("input[type=password]").first.focus()
        typed(page, PASSWORD, "a new horse, a new battery", "a new horse, another battery")
        assert page.locator(".field-error").is_visible()
        assert page.evaluate("document.activeElement.name") == "password2"
        found["passwords that differ"] = flaws(page, "passwords that differ")

        name = page.get_by_role("button", name="alice")
        name.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        page.keyboard.press("Escape")
        expect(name).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Sign out")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/accounts/login/**")
    assert {state: each for state, each in found.items() if each} == {}

"""The operators' page refreshes itself without disturbing its reader."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from evaluations.lifecycle import EvaluationStatus
from evaluations.models import Evaluation
from practice.models import Scenario
from tests.admin.month import practised
from tests.pages.looks import admin_flaws, visit
from tests.pages.test_admin_in_browser import sign_in

pytestmark = pytest.mark.browser

PAGE = "/admin/practice/practicesession/operations/"


def fail_one() -> Evaluation:
    waiting = Evaluation.objects.exclude(status=EvaluationStatus.FAILED).order_by("pk").first()
    assert waiting
    Evaluation.objects.filter(pk=waiting.pk).update(
        status=EvaluationStatus.FAILED,
        completed_at=None,
        last_error="Out of tokens.",
        queued_at=timezone.now(),
        summary="",
    )
    return waiting


def test_a_refresh_keeps_focus_scroll_position_and_open_details(
    chromium: Browser,
    live_server: LiveServer,
    stocked: dict[str, Scenario],
) -> None:
    practised(stocked["late"], 60, now=timezone.now())
    Evaluation.objects.filter(status=EvaluationStatus.FAILED).delete()
    first = fail_one()
    with visit(chromium, size=(360, 740)) as page:
        sign_in(page, live_server, User.objects.create_superuser("root"))
        page.goto(f"{live_server.url}{PAGE}")
        expect(page.get_by_role("button", name="Pause refreshing")).to_be_visible()
        table = page.locator("[data-key='SC-002'] details[data-key='table']")
        table.locator("summary").click()
        row = page.locator(f"tr[data-key='{first.pk}']")
        row.get_by_role("button", name="Retry").focus()
        page.evaluate("scrollBy(0, 300)")
        before = page.evaluate("scrollY")
        second = fail_one()
        page.evaluate("document.getElementById('parts').dispatchEvent(new Event('coach:refresh'))")
        expect(page.locator(f"tr[data-key='{second.pk}']")).to_be_visible()
        assert page.evaluate("document.activeElement.closest('tr')?.dataset.key") == first.pk
        assert table.evaluate("node => node.open")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # A new row above the focus may move the page by its height, as scroll anchoring does, but no further.
        assert abs(page.evaluate("scrollY") - before) <= 200

        # Somebody else resolved the focused job: the focus moves to another element of the page.
        Evaluation.objects.filter(pk=first.pk).delete()
        page.evaluate("document.getElementById('parts').dispatchEvent(new Event('coach:refresh'))")
        expect(row).to_have_count(0)
        assert page.evaluate("document.activeElement.id") == "attention-title"

        found = admin_flaws(page, "admin, operations with trouble")
        assert found == []
        page.get_by_role("button", name="Pause refreshing").press("Enter")
        expect(page.get_by_role("button", name="Pause refreshing")).to_have_attribute("aria-pressed", "true")

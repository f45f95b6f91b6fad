"""Users have least privilege, and the pages work under a strict content security policy."""

import re

import pytest
from django.contrib.auth.models import Permission, User

from practice.models import Scenario
from tests.admin.desk import DESK, form_of, page_of

PAGES = ["/admin/", f"{DESK}/skill/", f"{DESK}/scenario/", f"{DESK}/scenario/add/", f"{DESK}/scenario/import/"]


def test_curators_may_work_on_the_catalog_and_not_on_accounts(desk, published):
    assert [desk.get(page).status_code for page in PAGES] == [200] * len(PAGES)
    assert desk.get("/admin/auth/user/").status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_gets_in(client, db, page):
    assert client.get(page).status_code == 302


class TestSomebodyWhoMayOnlyLook:
    @pytest.fixture
    def desk(self, client, published):
        user = User.objects.create_user("otto", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=["view_scenario", "view_skill"]))
        client.force_login(user)
        return client

    def test_reads_and_exports(self, desk, published):
        assert desk.get(page_of(published)).status_code == 200
        assert desk.get(page_of(published, "preview")).status_code == 200
        assert desk.get(page_of(published, "history")).status_code == 200
        assert desk.get(f"{DESK}/scenario/export/").status_code == 200

    @pytest.mark.parametrize("view", ["change", "duplicate", "restore", "delete"])
    def test_changes_nothing(self, desk, published, view):
        response = desk.post(page_of(published, view), form_of(published, title="Mine", post="yes"))

        assert response.status_code == 403
        assert Scenario.objects.get().title == "A talk about late-again"

    def test_imports_nothing(self, desk, published):
        assert desk.get(f"{DESK}/scenario/import/").status_code == 403

    @pytest.mark.parametrize("action", ["publish_all", "unpublish_all", "delete_all", "restore_all"])
    def test_has_no_actions_that_change(self, desk, published, action):
        desk.post(f"{DESK}/scenario/", {"action": action, "_selected_action": [published.pk]})

        published.refresh_from_db()
        assert (published.status, published.deleted_at) == ("published", None)


def test_a_stranger_s_page_does_not_exist(desk, db):
    for view in ("change", "preview", "history", "delete"):
        assert desk.get(f"{DESK}/scenario/nowhere/{view}/").status_code in (302, 404)
    assert desk.post(f"{DESK}/scenario/nowhere/duplicate/").status_code == 404


def test_no_page_needs_anything_inline(desk, published, listening):
    pages = [
        *PAGES,
        page_of(published),
        page_of(published, "history"),
        page_of(published, "delete"),
        page_of(listening),
    ]
    for page in [*pages, page_of(published, "preview")]:
        response = desk.get(page)
        policy = response["Content-Security-Policy"]
        html = response.content.decode()
        assert "unsafe-inline" not in policy
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html), page
        for script in re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", html):
            pytest.fail(f"{page}: {script}")


def test_search_and_filters(desk, published):
    def titles(query):
        html = desk.get(f"{DESK}/scenario/?{query}").content.decode()
        return "A talk about late-again" in html

    assert titles("q=small+room")
    assert titles("status__exact=published&language__exact=en&category=Work")
    assert not titles("q=nowhere")
    assert not titles("status__exact=draft")
    assert titles(f"skill={published.ordered_skills()[0].pk}")

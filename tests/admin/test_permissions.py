"""Admin users can do only what their permissions say, and the pages work under a strict content security policy."""

import re

import pytest
from django.contrib.auth.models import Group, Permission, User

from practice.models import Scenario
from tests.admin.catalog_pages import ADMIN, form_of, page_of

PAGES = ["/admin/", f"{ADMIN}/skill/", f"{ADMIN}/scenario/", f"{ADMIN}/scenario/add/", f"{ADMIN}/scenario/import/"]
VIEWS = ["change", "history", "delete", "preview"]


def test_curators_may_edit_the_catalog_but_not_accounts(curator, published):
    assert [curator.get(page).status_code for page in PAGES] == [200] * len(PAGES)
    assert curator.get("/admin/auth/user/").status_code == 403
    reviewing = Group.objects.get(name="Curators").permissions.filter(content_type__model="practicesession")
    assert [each.codename for each in reviewing] == ["view_practicesession"]


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_sent_to_sign_in(client, db, page):
    assert client.get(page).status_code == 302


class TestAViewer:
    @pytest.fixture
    def viewer(self, client, published):
        """The browser of somebody with view permissions alone."""
        user = User.objects.create_user("otto", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=["view_scenario", "view_skill"]))
        client.force_login(user)
        return client

    def test_reads_and_exports(self, viewer, published):
        assert viewer.get(page_of(published)).status_code == 200
        assert viewer.get(page_of(published, "preview")).status_code == 200
        assert viewer.get(page_of(published, "history")).status_code == 200
        assert viewer.get(f"{ADMIN}/scenario/export/").status_code == 200

    @pytest.mark.parametrize("view", ["change", "duplicate", "restore", "delete"])
    def test_changes_nothing(self, viewer, published, view):
        response = viewer.post(page_of(published, view), form_of(published, title="Mine", post="yes"))

        assert response.status_code == 403
        assert Scenario.objects.get().title == "A talk about late-again"

    def test_imports_nothing(self, viewer, published):
        assert viewer.get(f"{ADMIN}/scenario/import/").status_code == 403

    @pytest.mark.parametrize("action", ["publish_all", "unpublish_all", "delete_all", "restore_all"])
    def test_has_no_actions_that_change(self, viewer, published, action):
        viewer.post(f"{ADMIN}/scenario/", {"action": action, "_selected_action": [published.pk]})

        published.refresh_from_db()
        assert (published.status, published.deleted_at) == ("published", None)


def test_pages_of_unknown_records_do_not_exist(curator, db):
    answers = {view: curator.get(f"{ADMIN}/scenario/nowhere/{view}/").status_code for view in VIEWS}
    # Django leads from a form of an unknown record to the admin home with a message.
    assert answers == {"change": 302, "history": 404, "delete": 302, "preview": 404}
    assert curator.post(f"{ADMIN}/scenario/nowhere/duplicate/").status_code == 404


def test_no_page_needs_anything_inline(curator, published, listening):
    pages = [
        *PAGES,
        page_of(published),
        page_of(published, "history"),
        page_of(published, "delete"),
        page_of(listening),
    ]
    for page in [*pages, page_of(published, "preview")]:
        response = curator.get(page)
        policy = response["Content-Security-Policy"]
        html = response.content.decode()
        assert "unsafe-inline" not in policy
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html), page
        for script in re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", html):
            pytest.fail(f"{page}: {script}")


def test_search_and_filters(curator, published):
    def titles(query):
        html = curator.get(f"{ADMIN}/scenario/?{query}").content.decode()
        return "A talk about late-again" in html

    assert titles("q=small+room")
    assert titles("status__exact=published&language__exact=en&category=Work")
    assert not titles("q=nowhere")
    assert not titles("status__exact=draft")
    assert titles(f"skill={published.ordered_skills()[0].pk}")

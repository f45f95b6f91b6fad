"""Every way of changing the catalog records who did what and when."""

import re

from auditlog.models import LogEntry
from django.contrib.auth.models import Group, User

from practice.catalog import change_history
from practice.models import Scenario, Skill
from tests.admin.catalog_pages import ADMIN, form_of, page_of, put
from tests.seeding.records import scenario as scenario_seed
from tests.seeding.records import skill as skill_seed


def deeds(record):
    return [
        (event.did, event.by, event.version, [line.name for line in event.lines])
        for event in change_history.events(record)
    ]


def test_every_change_by_a_curator_is_recorded_once(curator, published):
    put([skill_seed("asking")])
    curator.post(page_of(published), form_of(published, objective="New.", skills=["asking"]))
    curator.post(page_of(published), form_of(published, _unpublish="1"))
    curator.post(page_of(published), form_of(published, _publish="1"))
    curator.post(page_of(published, "delete"), {"post": "yes"})
    curator.post(page_of(published, "restore"))

    created, *later = reversed(deeds(published))
    assert created[:3] == ("Created", "", "1")
    assert "skills" in created[3]
    assert later == [
        ("Changed", "anna", "2", ["objective", "skills"]),
        ("Unpublished", "anna", "3", ["status"]),
        ("Published", "anna", "4", ["status"]),
        ("Deleted", "anna", "5", []),
        ("Restored", "anna", "6", ["status"]),
    ]


def test_bulk_actions_name_who_did_them(curator, published):
    curator.post(f"{ADMIN}/scenario/", {"action": "unpublish_all", "_selected_action": [published.pk]})

    assert deeds(published)[0] == ("Unpublished", "anna", "2", ["status"])


def test_a_copy_has_its_own_log_entry(curator, listening):
    curator.post(page_of(listening, "duplicate"))

    copy = Skill.objects.exclude(pk=listening.pk).get()
    assert deeds(copy)[0][:3] == ("Created", "anna", "1")


def test_an_import_is_logged_without_a_person(db):
    put([skill_seed()], [scenario_seed()])
    put([skill_seed()], [scenario_seed(category="Home")])

    assert deeds(Scenario.objects.get())[0] == ("Changed", "", "2", ["category"])


def test_nothing_is_written_when_nothing_changes(db):
    put([skill_seed()], [scenario_seed()])
    before = LogEntry.objects.count()

    put([skill_seed()], [scenario_seed()])

    assert LogEntry.objects.count() == before


def test_the_history_page_shows_old_and_new(curator, published):
    curator.post(page_of(published), form_of(published, objective="A new <aim>."))

    html = curator.get(page_of(published, "history")).content.decode()

    assert "<del>Agree on one change.</del><ins>A new &lt;aim&gt;.</ins>" in html
    assert "anna" in html


def test_a_curator_is_not_named_for_somebody_elses_later_change(curator, listening):
    curator.post(page_of(listening), form_of(listening, category="Mine"))
    put([skill_seed("listening", category="Theirs")])

    assert deeds(listening)[0][:2] == ("Changed", "")


def test_the_audit_log_describes_each_change_in_words(curator, published):
    curator.post(page_of(published), form_of(published, objective="A new <aim>.", _unpublish="1"))

    otto = User.objects.create_user("otto", is_staff=True)
    otto.groups.add(Group.objects.get(name="Operators"))
    curator.force_login(otto)
    listed = curator.get("/admin/auditlog/logentry/").content.decode()
    rows = re.findall(r'<td class="field-(?:record|did|changed|who)">(.*?)</td>', listed)
    alone = curator.get(f"/admin/auditlog/logentry/{LogEntry.objects.latest('pk').pk}/change/").content.decode()

    assert rows[:4] == [f'<span class="quiet">Scenario</span> {published}', "Unpublished", "objective, status", "anna"]
    assert rows[-3:] == ["Created", "external id, name, category, rubric and 2 more", "a program, such as the importer"]
    assert "<ins>A new &lt;aim&gt;.</ins>" in alone

"""A catalog exported from the admin can be imported again unchanged."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from practice.admin.importing import FILES_BYTES_MAX
from practice.catalog import change_history
from practice.models import Scenario, Skill
from practice.seed_data.seeding import SHIPPED_SCENARIOS, SHIPPED_SKILLS
from tests.admin.catalog_pages import ADMIN, page_of, put
from tests.seeding.records import scenario as scenario_seed
from tests.seeding.records import skill as skill_seed

IMPORT = f"{ADMIN}/scenario/import/"


def upload(curator, skills=None, scenarios=None, button="_import"):
    files = {
        name: SimpleUploadedFile(
            f"{name}.json", content if isinstance(content, bytes) else json.dumps(content).encode()
        )
        for name, content in (("skills", skills), ("scenarios", scenarios))
        if content is not None
    }
    return curator.post(IMPORT, files | {button: "1"})


def test_an_exported_library_comes_back_unchanged(curator, db):
    upload(curator, SHIPPED_SKILLS.read_bytes(), SHIPPED_SCENARIOS.read_bytes())

    skills = curator.get(f"{ADMIN}/skill/export/")
    scenarios = curator.get(f"{ADMIN}/scenario/export/")
    again = upload(curator, skills.content, scenarios.content)

    assert len(skills.content) + len(scenarios.content) < FILES_BYTES_MAX, "a browser may send them"

    assert skills["Content-Disposition"] == 'attachment; filename="skills.json"'
    assert len(scenarios.json()) == len(json.loads(SHIPPED_SCENARIOS.read_text()))
    assert {change.outcome for change in again.context["report"].changes} == {"unchanged"}


def test_the_shipped_files_are_as_an_export_writes_them(curator, db):
    upload(curator, SHIPPED_SKILLS.read_bytes(), SHIPPED_SCENARIOS.read_bytes())
    exported = {record["externalId"]: record for record in curator.get(f"{ADMIN}/scenario/export/").json()}

    assert exported == {record["externalId"]: record for record in json.loads(SHIPPED_SCENARIOS.read_bytes())}


def test_an_export_holds_what_the_list_shows(curator, published):
    put(None, [scenario_seed("home", category="Home"), scenario_seed("gone")])
    curator.post(page_of(Scenario.objects.get(external_id="gone"), "delete"), {"post": "yes"})

    assert [row["externalId"] for row in curator.get(f"{ADMIN}/scenario/export/?category=Home").json()] == ["home"]
    assert "gone" not in [row["externalId"] for row in curator.get(f"{ADMIN}/scenario/export/?bin=all").json()]


def test_chosen_rows_can_be_exported(curator, published):
    response = curator.post(f"{ADMIN}/scenario/", {"action": "export_all", "_selected_action": [published.pk]})

    assert response.json()[0]["skills"] == ["listening"]


def test_every_problem_is_shown_and_nothing_written(curator, db):
    response = upload(curator, [skill_seed(name="")], [scenario_seed(skills=["nowhere"])])

    html = response.content.decode()
    assert "Nothing was written: 2 problems to correct." in html
    assert "must not be empty" in html
    assert "there is no skill &quot;nowhere&quot;" in html
    assert not Skill.objects.exists()


def test_problems_are_shown_in_the_language_of_the_page(curator, db):
    """One fault of each kind: in a field, in the file, between records, in behaviours and in a role brief."""
    behaviour = {"key": "a b", "text": "", "kind": "maybe", "shown": []}
    brief = {"manner": "Short.", "reactions": [{"key": "r", "when": "w", "heard": ["x"], "says": ["y"], "meets": [9]}]}
    skills = [skill_seed("a", name=""), skill_seed("a", behaviours=[behaviour], rubrik="1: …")]
    scenarios = [
        scenario_seed("x", skills=["nowhere"], idleLimitSeconds=0, language="fr"),
        scenario_seed("y", endCriteria=[], objective="", aiPersona={"name": "Sam", "brief": brief}),
        7,
    ]
    curator.cookies["django_language"] = "zh-hans"

    told = [one.message for one in upload(curator, skills, scenarios).context["problems"]]
    broken = [one.message for one in upload(curator, b"[{", b"{}").context["problems"]]

    assert len(told) > 12
    for message in (*told, *broken):
        assert re.search(r"[\u4e00-\u9fff]", message), message
        assert not re.search(r"\b(?:must|is|not|the|needed) ", message), message


def test_a_check_writes_nothing(curator, db):
    response = upload(curator, [skill_seed()], [scenario_seed()], button="_check")

    assert [change.outcome for change in response.context["report"].changes] == ["created", "created"]
    assert "nothing has been written yet" in response.content.decode()
    assert not Skill.objects.exists()


def test_an_import_in_the_admin_is_logged_with_who_made_it(curator, db):
    upload(curator, [skill_seed()], [scenario_seed()])
    upload(curator, scenarios=[scenario_seed(category="Home")])

    assert [event.by for event in change_history.events(Scenario.objects.get())] == ["anna", "anna"]
    assert [event.by for event in change_history.events(Skill.objects.get())] == ["anna"]


def test_an_import_in_the_admin_does_not_change_a_rubric_in_use(curator, published):
    response = upload(curator, [skill_seed("listening", rubric="1: a\n3: b\n5: c")])

    [problem] = response.context["problems"]
    assert problem.field == "rubric"
    assert "published scenarios use it (“A talk about late-again”)" in problem.message


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{}", b"[" * 50_000])
def test_a_file_that_is_not_a_list_of_records_is_explained(curator, db, content):
    assert "Nothing was written" in upload(curator, content).content.decode() or content == b""


def test_an_import_without_files_is_refused(curator, db):
    assert "Choose at least one file." in curator.post(IMPORT, {"_import": "1"}).content.decode()

"""Curators create and edit skills and scenarios, and publish scenarios."""

import pytest
from django.contrib.auth.models import User

from practice.catalog import availability
from practice.models import Scenario, Skill
from tests.admin.catalog_pages import ADMIN, errors, form_of, page_messages, page_of, put, skill_rows
from tests.seeding.records import RUBRIC
from tests.seeding.records import skill as skill_seed

BLANK = {
    "title": "",
    "category": "Work",
    "language": "en",
    "idle_limit_seconds": 30,
    "duration_limit_seconds": 300,
}


def test_a_new_skill_gets_a_key_made_from_its_name(curator):
    curator.post(f"{ADMIN}/skill/add/", {"name": "Active listening", "category": "Understanding", "rubric": RUBRIC})

    assert Skill.objects.get().external_id == "active-listening"


def test_a_new_scenario_begins_as_a_draft_with_nothing_but_a_title(curator, listening):
    curator.post(f"{ADMIN}/scenario/add/", BLANK | {"title": "开口借钱"} | skill_rows(None, []))

    scenario = Scenario.objects.get()
    assert (scenario.status, scenario.external_id) == ("draft", "开口借钱")


def test_keys_never_collide(curator, listening):
    for later in ("First", "Second"):
        curator.post(f"{ADMIN}/scenario/add/", BLANK | {"title": "An idea"} | skill_rows(None, []))
        Scenario.objects.filter(title="An idea").update(title=later)

    assert set(Scenario.objects.values_list("external_id", flat=True)) == {"an-idea", "an-idea-2"}


def test_text_is_kept_as_the_importer_keeps_it(curator, draft):
    curator.post(
        page_of(draft), form_of(draft, description=" One.\r\n\r\nTwo. ", end_criteria="Yes.\r\n\r\n  No. \r\n")
    )

    draft.refresh_from_db()
    assert draft.description == "One.\n\nTwo."
    assert draft.end_criteria == ["Yes.", "No."]


def test_skills_keep_the_order_that_the_curator_gives_them(curator, published):
    put([skill_seed("asking"), skill_seed("calm")])

    curator.post(page_of(published), form_of(published, skills=["calm", "listening", "asking"]))
    assert [skill.external_id for skill in published.ordered_skills()] == ["calm", "listening", "asking"]

    published = Scenario.objects.get()
    curator.post(page_of(published), form_of(published, skills=["asking", "calm"]))
    assert [skill.external_id for skill in Scenario.objects.get().ordered_skills()] == ["asking", "calm"]


class TestPublishing:
    def test_each_missing_field_is_named_and_nothing_is_saved(self, curator, draft):
        response = curator.post(page_of(draft), form_of(draft, objective="Agree.", _publish="Save and publish"))

        assert errors(response) == {
            "ai_persona_name": ["Give the other person a name."],
            "ai_persona_background": ["Say who the other person is, what they want and what reaches them."],
            "trainee_persona_name": ["Give the trainee a name in this story."],
            "trainee_persona_background": ["Say who the trainee is in this story."],
            "end_criteria": ["Add at least one sentence that says when the conversation is over."],
            "skills": ["Choose at least one skill that exists."],
        }
        draft.refresh_from_db()
        assert (draft.status, draft.objective, draft.version) == ("draft", "", 1)

    def test_a_complete_draft_is_published(self, curator, draft):
        response = curator.post(
            page_of(draft),
            form_of(
                draft,
                objective="Agree.",
                ai_persona_name="Sam",
                ai_persona_background="You joke.",
                trainee_persona_name="Jo",
                trainee_persona_background="You avoid conflict.",
                end_criteria="Sam agrees.",
                skills=["listening"],
                _publish="Save and publish",
            ),
            follow=True,
        )

        assert "“An idea” is saved and published." in page_messages(response)
        assert list(availability.published()) == [draft]
        assert curator.get(f"/scenarios/{draft.pk}/").status_code == 200

    def test_a_published_scenario_cannot_be_made_incomplete(self, curator, published):
        response = curator.post(page_of(published), form_of(published, objective=" ", skills=[]))

        assert set(errors(response)) == {"objective", "skills"}
        assert availability.published().count() == 1

    def test_any_published_scenario_can_be_unpublished(self, curator, published):
        curator.post(page_of(published), form_of(published, objective="", _unpublish="Save and unpublish"))

        assert not availability.published().exists()
        assert Scenario.objects.get().status == "draft"

    def test_from_the_list_each_refusal_is_explained(self, curator, published):
        put(None, [{"externalId": "idea", "title": "An idea", "category": "Work"}])
        keys = list(Scenario.objects.values_list("pk", flat=True))

        curator.post(f"{ADMIN}/scenario/", {"action": "unpublish_all", "_selected_action": keys})
        response = curator.post(f"{ADMIN}/scenario/", {"action": "publish_all", "_selected_action": keys}, follow=True)

        assert "An idea: Give the other person a name. Say who" in page_messages(response)
        assert "Published: “A talk about late-again”." in page_messages(response)
        assert list(availability.published()) == [published]


class TestNames:
    def test_a_title_in_use_is_refused(self, curator, published):
        response = curator.post(
            f"{ADMIN}/scenario/add/", BLANK | {"title": "A talk about late-again"} | skill_rows(None, [])
        )

        assert errors(response) == {"title": ["Another one has this name already."]}

    def test_the_title_of_a_deleted_scenario_can_be_reused(self, curator, published):
        curator.post(page_of(published, "delete"), {"post": "yes"})

        curator.post(f"{ADMIN}/scenario/add/", BLANK | {"title": "A talk about late-again"} | skill_rows(None, []))

        assert Scenario.objects.filter(deleted_at=None).get().external_id == "a-talk-about-late-again"


class TestLimits:
    @pytest.mark.parametrize("seconds", ["0", "901", "x", ""])
    def test_the_idle_limit_lies_between_1_and_900_seconds(self, curator, draft, seconds):
        response = curator.post(page_of(draft), form_of(draft, idle_limit_seconds=seconds))

        assert set(errors(response)) == {"idle_limit_seconds"}

    def test_an_overlong_text_is_refused(self, curator, draft):
        response = curator.post(page_of(draft), form_of(draft, description="x" * 10_001, end_criteria="x" * 1_001))

        assert set(errors(response)) == {"description", "end_criteria"}


class TestAStaleEdit:
    def test_is_refused_with_both_versions_and_who_saved_what(self, curator, published):
        opened = form_of(published)
        other = User.objects.create_superuser("berta")
        curator.force_login(other)
        curator.post(page_of(published), form_of(published, objective="Something else."))
        curator.force_login(User.objects.get(username="anna"))

        response = curator.post(page_of(published), opened | {"title": "Mine"})

        [words] = errors(response)[""]
        assert "You opened version 1, but version 2 has been saved since. Version 2: berta, " in words
        assert "(objective)" in words
        assert 'value="Mine"' in response.content.decode()
        published.refresh_from_db()
        assert (published.title, published.objective) == ("A talk about late-again", "Something else.")

    def test_holds_for_skills_and_for_what_the_importer_saved(self, curator, listening):
        opened = form_of(listening)
        put([skill_seed("listening", category="New")])

        response = curator.post(page_of(listening), opened)

        assert "Version 2: a program, " in errors(response)[""][0]

    def test_is_refused_when_the_opened_version_is_unknown(self, curator, listening):
        response = curator.post(page_of(listening), form_of(listening, opened_version=""))

        assert "You opened version ?, but version 1" in errors(response)[""][0]

    def test_edits_one_after_the_other_are_accepted(self, curator, listening):
        for category in ("One", "Two"):
            curator.post(page_of(listening), form_of(listening, category=category))

        assert Skill.objects.get().version == 3


class TestARubricInUse:
    def test_is_read_only_and_names_the_scenarios_that_use_it(self, curator, published, listening):
        html = curator.get(page_of(listening)).content.decode()

        assert "disabled" in html.split('name="rubric"')[1].split(">")[0]
        assert "Read-only, because published scenarios are scored with it: “A talk about late-again”." in html

    def test_stays_when_the_form_does_not_send_it(self, curator, published, listening):
        form = form_of(listening, name="Listening well")
        form.pop("rubric")

        curator.post(page_of(listening), form)

        listening.refresh_from_db()
        assert (listening.name, listening.rubric) == ("Listening well", RUBRIC)

    def test_an_edit_from_an_older_page_is_refused_aloud(self, curator, published, listening):
        response = curator.post(page_of(listening), form_of(listening, rubric="1: a\n3: b\n5: c"))

        assert errors(response) == {"rubric": ["A published scenario now uses this rubric, so it stays as it is."]}

    def test_a_copy_can_be_edited(self, curator, published, listening):
        curator.post(page_of(listening, "duplicate"))
        copy = Skill.objects.exclude(pk=listening.pk).get()

        curator.post(page_of(copy), form_of(copy, rubric="1: a\n3: b\n5: c"))

        copy.refresh_from_db()
        assert (copy.name, copy.rubric) == ("The art of listening (copy)", "1: a\n3: b\n5: c")

    def test_a_rubric_used_only_by_drafts_can_be_edited(self, curator, listening, draft):
        curator.post(page_of(listening), form_of(listening, rubric="1: a\n3: b\n5: c"))

        assert Skill.objects.get().rubric == "1: a\n3: b\n5: c"


def test_a_duplicate_is_a_draft_with_the_same_skills_in_order(curator, published):
    put([skill_seed("asking")])
    curator.post(page_of(published), form_of(published, skills=["asking", "listening"]))

    curator.post(page_of(published, "duplicate"))
    curator.post(page_of(published, "duplicate"))

    copies = Scenario.objects.exclude(pk=published.pk).order_by("created_at")
    assert [copy.title for copy in copies] == ["A talk about late-again (copy)", "A talk about late-again (copy) 2"]
    assert {copy.status for copy in copies} == {"draft"}
    assert [skill.external_id for skill in copies[0].ordered_skills()] == ["asking", "listening"]


class TestPreview:
    def test_shows_a_draft_as_trainees_would_see_it(self, curator, draft):
        curator.post(page_of(draft), form_of(draft, description="You are **late**."))

        html = curator.get(page_of(draft, "preview")).content.decode()

        assert "<strong>late</strong>" in html
        assert "Trainees can't see it yet." in html
        assert "Give the other person a name." in html

    def test_offers_no_start_button(self, curator, published):
        assert "data-start" not in curator.get(page_of(published, "preview")).content.decode()


def test_a_rubric_without_anchors_is_kept_with_a_hint(curator, listening):
    response = curator.post(page_of(listening), form_of(listening, rubric="1: talks past it. 5: listens."), follow=True)

    assert "the rubric has no line for 3" in page_messages(response)
    assert Skill.objects.get().version == 2

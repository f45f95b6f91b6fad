"""Deletion is soft, is refused while something depends on the record, and can be undone."""

from practice.catalog import availability
from practice.models import Scenario, ScenarioSkill, Skill
from tests.admin.catalog_pages import ADMIN, form_of, page_messages, page_of, practise, put
from tests.seeding.records import scenario as scenario_seed
from tests.seeding.records import skill as skill_seed


def test_a_deleted_scenario_is_gone_for_trainees_and_comes_back_as_a_draft(curator, published):
    response = curator.post(page_of(published, "delete"), {"post": "yes"}, follow=True)
    assert "It can be restored" in page_messages(response)
    assert not availability.published().exists()
    assert curator.get(f"/scenarios/{published.pk}/").status_code == 404
    assert "late-again" not in curator.get(f"{ADMIN}/scenario/").content.decode()
    assert "late-again" in curator.get(f"{ADMIN}/scenario/?bin=deleted").content.decode()

    curator.post(page_of(published, "restore"))
    published.refresh_from_db()
    assert (published.deleted_at, published.status) == (None, "draft")
    assert [skill.external_id for skill in published.ordered_skills()] == ["listening"]


def test_a_skill_of_a_published_scenario_stays_and_the_scenarios_are_named(curator, listening, published):
    put(None, [scenario_seed("other", title="Another talk")])
    reason = "Published scenarios use “The art of listening”: “A talk about late-again”, “Another talk”."

    asked = curator.get(page_of(listening, "delete")).content.decode()
    forced = curator.post(page_of(listening, "delete"), {"post": "yes"})
    in_list = curator.post(f"{ADMIN}/skill/", {"action": "delete_all", "_selected_action": [listening.pk]}, follow=True)

    assert reason in asked
    assert reason in forced.content.decode()
    assert reason in page_messages(in_list)
    assert Skill.objects.get().deleted_at is None


def test_a_skill_of_drafts_can_be_deleted_and_keeps_them_from_being_published(curator, listening, published):
    curator.post(page_of(published), form_of(published, _unpublish="1"))
    assert "A talk about late-again" in curator.get(page_of(listening, "delete")).content.decode()

    curator.post(page_of(listening, "delete"), {"post": "yes"})

    refusal = curator.post(
        f"{ADMIN}/scenario/", {"action": "publish_all", "_selected_action": [published.pk]}, follow=True
    )
    assert "The skill “The art of listening” has been deleted" in page_messages(refusal)
    assert ScenarioSkill.objects.count() == 1


def test_a_scenario_with_sessions_stays(curator, published):
    practise(published)

    response = curator.post(page_of(published, "delete"), {"post": "yes"})

    assert "has 1 practice session, which would lose its scenario" in response.content.decode()
    assert Scenario.objects.get().deleted_at is None


def test_a_deleted_record_is_read_only(curator, published):
    form = form_of(published, title="Changed")
    curator.post(page_of(published, "delete"), {"post": "yes"})

    assert curator.get(page_of(published)).status_code == 200
    assert curator.post(page_of(published), form).status_code == 403
    assert Scenario.objects.get().title == "A talk about late-again"


def test_a_record_whose_name_was_taken_meanwhile_cannot_be_restored(curator, listening):
    curator.post(page_of(listening, "delete"), {"post": "yes"})
    put([skill_seed("new", name="The art of listening")])

    response = curator.post(page_of(listening, "restore"), follow=True)

    assert "is already the name of another one" in page_messages(response)
    assert Skill.objects.filter(deleted_at=None).get().external_id == "new"


def test_several_are_deleted_and_restored_from_the_list(curator, published):
    put([skill_seed("asking"), skill_seed("calm")])
    keys = list(Skill.objects.values_list("pk", flat=True))

    response = curator.post(f"{ADMIN}/skill/", {"action": "delete_all", "_selected_action": keys}, follow=True)
    assert set(Skill.objects.filter(deleted_at=None)) == set(published.ordered_skills())
    assert "Deleted: “The art of asking”, “The art of calm”." in page_messages(response)

    curator.post(f"{ADMIN}/skill/?bin=deleted", {"action": "restore_all", "_selected_action": keys})
    assert Skill.objects.filter(deleted_at=None).count() == 3


def test_a_deleted_skill_is_not_offered_for_scenarios(curator, listening):
    asked = "/admin/autocomplete/?app_label=practice&model_name=scenarioskill&field_name=skill&term="
    assert len(curator.get(asked).json()["results"]) == 1

    curator.post(page_of(listening, "delete"), {"post": "yes"})

    assert curator.get(asked).json()["results"] == []


def test_changing_anything_takes_a_post(curator, published):
    for view in ("duplicate", "restore"):
        assert curator.get(page_of(published, view)).status_code == 405
    assert Scenario.objects.count() == 1

"""Deletion is soft, is refused while something depends on the record, and can be undone."""

from practice import catalog
from practice.models import Scenario, ScenarioSkill, Skill
from tests.admin.desk import DESK, form_of, page_of, practise, put, told
from tests.seeding.records import scenario as scenario_seed
from tests.seeding.records import skill as skill_seed


def test_a_deleted_scenario_is_gone_for_trainees_and_comes_back_as_a_draft(desk, published):
    response = desk.post(page_of(published, "delete"), {"post": "yes"}, follow=True)
    assert "It can be restored" in told(response)
    assert not catalog.published().exists()
    assert desk.get(f"/scenarios/{published.pk}/").status_code == 404
    assert "late-again" not in desk.get(f"{DESK}/scenario/").content.decode()
    assert "late-again" in desk.get(f"{DESK}/scenario/?bin=deleted").content.decode()

    desk.post(page_of(published, "restore"))
    published.refresh_from_db()
    assert (published.deleted_at, published.status) == (None, "draft")
    assert [skill.external_id for skill in published.ordered_skills()] == ["listening"]


def test_a_skill_of_a_published_scenario_stays_and_the_scenarios_are_named(desk, listening, published):
    put(None, [scenario_seed("other", title="Another talk")])
    reason = "Published scenarios use “The art of listening”: “A talk about late-again”, “Another talk”."

    asked = desk.get(page_of(listening, "delete")).content.decode()
    forced = desk.post(page_of(listening, "delete"), {"post": "yes"})
    in_list = desk.post(f"{DESK}/skill/", {"action": "delete_all", "_selected_action": [listening.pk]}, follow=True)

    assert reason in asked
    assert reason in forced.content.decode()
    assert reason in told(in_list)
    assert Skill.objects.get().deleted_at is None


def test_a_skill_of_drafts_can_be_deleted_and_keeps_them_from_being_published(desk, listening, published):
    desk.post(page_of(published), form_of(published, _unpublish="1"))
    assert "A talk about late-again" in desk.get(page_of(listening, "delete")).content.decode()

    desk.post(page_of(listening, "delete"), {"post": "yes"})

    refusal = desk.post(f"{DESK}/scenario/", {"action": "publish_all", "_selected_action": [published.pk]}, follow=True)
    assert "The skill “The art of listening” has been deleted" in told(refusal)
    assert ScenarioSkill.objects.count() == 1


def test_a_scenario_with_sessions_stays(desk, published):
    practise(published)

    response = desk.post(page_of(published, "delete"), {"post": "yes"})

    assert "has 1 practice session, which would lose its scenario" in response.content.decode()
    assert Scenario.objects.get().deleted_at is None


def test_what_is_deleted_can_only_be_read(desk, published):
    form = form_of(published, title="Changed")
    desk.post(page_of(published, "delete"), {"post": "yes"})

    assert desk.get(page_of(published)).status_code == 200
    assert desk.post(page_of(published), form).status_code == 403
    assert Scenario.objects.get().title == "A talk about late-again"


def test_a_name_given_away_meanwhile_keeps_a_record_in_the_bin(desk, listening):
    desk.post(page_of(listening, "delete"), {"post": "yes"})
    put([skill_seed("new", name="The art of listening")])

    response = desk.post(page_of(listening, "restore"), follow=True)

    assert "is already the name of another one" in told(response)
    assert Skill.objects.filter(deleted_at=None).get().external_id == "new"


def test_several_at_once_from_the_list(desk, published):
    put([skill_seed("asking"), skill_seed("calm")])
    keys = list(Skill.objects.values_list("pk", flat=True))

    response = desk.post(f"{DESK}/skill/", {"action": "delete_all", "_selected_action": keys}, follow=True)
    assert set(Skill.objects.filter(deleted_at=None)) == set(published.ordered_skills())
    assert "Deleted: “The art of asking”, “The art of calm”." in told(response)

    desk.post(f"{DESK}/skill/?bin=deleted", {"action": "restore_all", "_selected_action": keys})
    assert Skill.objects.filter(deleted_at=None).count() == 3


def test_a_deleted_skill_is_not_offered_for_scenarios(desk, listening):
    asked = "/admin/autocomplete/?app_label=practice&model_name=scenarioskill&field_name=skill&term="
    assert len(desk.get(asked).json()["results"]) == 1

    desk.post(page_of(listening, "delete"), {"post": "yes"})

    assert desk.get(asked).json()["results"] == []


def test_changing_anything_takes_a_post(desk, published):
    for view in ("duplicate", "restore"):
        assert desk.get(page_of(published, view)).status_code == 405
    assert Scenario.objects.count() == 1

"""Importing valid files."""

import pytest

from practice.catalog import availability, completeness
from practice.models import Scenario, Skill
from practice.seed_data.seeding import SHIPPED_SCENARIOS, SHIPPED_SKILLS
from tests.seeding.records import RUBRIC, scenario, skill


def test_the_importer_prints_a_line_per_record_and_a_total(seed):
    run = seed([skill("listening"), skill("asking")], [scenario(skills=["asking", "listening"])])

    assert run.lines == [
        "created   skill listening",
        "created   skill asking",
        "created   scenario late-again",
        "Seed complete: 2 skills, 1 scenarios",
    ]
    stored = Scenario.objects.get()
    assert [skill.external_id for skill in stored.ordered_skills()] == ["asking", "listening"]
    assert stored.ai_persona == {"name": "Sam", "role": "Colleague", "background": "You are tired and joke about it."}
    assert stored.end_criteria == ["Sam names one change.", "It fails if Sam leaves."]
    assert list(availability.published()) == [stored]


def test_running_it_twice_changes_nothing(seed):
    seed(SHIPPED_SKILLS, SHIPPED_SCENARIOS)
    before = [*Skill.objects.values(), *Scenario.objects.values()]

    run = seed(SHIPPED_SKILLS, SHIPPED_SCENARIOS)

    assert {line.split()[0] for line in run.lines[:-1]} == {"unchanged"}
    assert run.lines[-1] == "Seed complete: 20 skills, 27 scenarios"
    assert [*Skill.objects.values(), *Scenario.objects.values()] == before


def test_every_shipped_scenario_reaches_the_catalog(seed):
    seed(SHIPPED_SKILLS, SHIPPED_SCENARIOS)

    assert availability.published().count() == 27
    assert all(completeness.missing(scenario) == [] for scenario in availability.published())


def test_an_edited_record_is_updated_and_the_line_names_the_fields(seed):
    seed([skill(), skill("asking")], [scenario()])

    edited = scenario(
        title="Another title",
        skills=["asking", "listening"],
        aiPersona={"name": "Samira", "role": "Colleague", "background": "You are tired and joke about it."},
    )
    run = seed([skill(), skill("asking")], [edited])

    assert run.lines[2] == "updated   scenario late-again: title, aiPersona.name, skills"
    assert Scenario.objects.get().title == "Another title"
    assert Scenario.objects.get().version == 2
    assert [skill.external_id for skill in Scenario.objects.get().ordered_skills()] == ["asking", "listening"]


def test_a_new_record_is_a_draft_with_default_limits(seed):
    seed(None, [{"externalId": "idea", "title": "An idea", "category": "Work"}])

    idea = Scenario.objects.get()
    assert (idea.status, idea.language) == ("draft", "en")
    assert (idea.idle_limit_seconds, idea.duration_limit_seconds) == (8, 300)
    assert list(availability.published()) == []


def test_fields_that_a_file_does_not_name_are_unchanged(seed):
    seed([skill()], [scenario(idleLimitSeconds=30)])

    run = seed(None, [{"externalId": "late-again", "title": "A talk about late-again", "category": "Home"}])

    assert run.lines[0] == "updated   scenario late-again: category"
    stored = Scenario.objects.get()
    assert (stored.status, stored.idle_limit_seconds, len(stored.ordered_skills())) == ("published", 30, 1)


def test_records_may_swap_titles(seed):
    seed([skill()], [scenario("one", title="First"), scenario("two", title="Second")])

    run = seed([skill()], [scenario("one", title="Second"), scenario("two", title="First")])

    assert run.ok
    assert dict(Scenario.objects.values_list("external_id", "title")) == {"one": "Second", "two": "First"}


def test_a_new_record_may_take_a_title_that_another_gives_up(seed):
    seed([skill()], [scenario("one", title="First")])

    run = seed([skill()], [scenario("new", title="First"), scenario("one", title="Former first")])

    assert run.ok
    assert dict(Scenario.objects.values_list("external_id", "title")) == {"one": "Former first", "new": "First"}


def test_skills_may_come_from_the_catalog(seed):
    seed([skill()])

    assert seed(None, [scenario()]).lines[-1] == "Seed complete: 0 skills, 1 scenarios"


def test_records_that_the_files_do_not_name_are_unchanged(seed):
    seed([skill()], [scenario("one"), scenario("two")])

    seed([skill()], [scenario("one", category="Home")])

    assert Scenario.objects.get(external_id="two").category == "Work"


def test_a_rubric_in_use_is_overwritten_by_the_importer(seed):
    seed([skill()], [scenario()])

    run = seed([skill(rubric="1: No.\n3: Some.\n5: Yes.")])

    assert run.lines[0] == "updated   skill listening: rubric"


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(seed):
    windows = RUBRIC.replace("\n", "\\r\\n")
    text = f'\ufeff[{{"externalId": "a", "name": " A ", "category": "C",\r\n "rubric": "{windows}"}}]'

    assert seed(text.encode()).ok
    assert Skill.objects.get().rubric == RUBRIC
    assert Skill.objects.get().name == "A"
    assert seed(text.encode()).lines[0] == "unchanged skill a"


def test_a_dry_run_reports_and_writes_nothing(seed):
    run = seed([skill()], [scenario()], "--dry-run")

    assert run.lines[:2] == ["created   skill listening", "created   scenario late-again"]
    assert run.lines[-1] == "Dry run: nothing was written."
    assert not Skill.objects.exists()


class TestWhatACuratorDeleted:
    @pytest.fixture(autouse=True)
    def deleted_scenario(self, seed, django_user_model):
        from django.utils import timezone

        seed([skill()], [scenario()])
        Scenario.objects.update(deleted_at=timezone.now())

    def test_stays_deleted_and_is_reported(self, seed):
        run = seed([skill()], [scenario(title="Back again?")])

        assert run.ok
        assert run.lines[1].startswith("deleted   scenario late-again: a curator deleted it")
        assert run.lines[-1] == "Seed complete: 1 skills, 0 scenarios"
        assert Scenario.objects.get().title == "A talk about late-again"
        assert Scenario.objects.get().deleted_at is not None

    def test_does_not_keep_its_title_from_others(self, seed):
        assert seed(None, [scenario("other", title="A talk about late-again")]).ok

    def test_a_deleted_skill_keeps_a_scenario_from_being_published(self, seed):
        from django.utils import timezone

        Skill.objects.update(deleted_at=timezone.now())

        run = seed([skill()], [scenario("other")])

        assert run.problems == [
            "scenarios.json, record 1 (other), skills: is needed because the status is published. "
            "Choose at least one skill that exists.",
            "scenarios.json, record 1 (other), skills: is needed because the status is published. "
            "The skill “The art of listening” has been deleted: restore it or take it out.",
        ]


class TestAnEmptyCatalog:
    def test_gets_the_shipped_library(self, seed):
        assert seed(None, None, "--if-empty").lines[-1] == "Seed complete: 20 skills, 27 scenarios"

    def test_a_catalog_with_records_gets_nothing(self, seed):
        seed([skill(name="Mine")])

        run = seed(None, None, "--if-empty")

        assert run.lines == ["The catalog is not empty: left as it is."]
        assert Skill.objects.count() == 1

"""Requirements for the library that an empty installation starts with."""

import calendar
import json
import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from practice.catalog import availability, end_criteria
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.brief.role_brief_faults import reference_faults
from practice.persona.model.reply_guard import numbers

SEEDS = Path(__file__).resolve().parents[2] / "seed-data"
SKILLS = json.loads((SEEDS / "skills.json").read_text(encoding="utf-8"))
SCENARIOS = json.loads((SEEDS / "scenarios.json").read_text(encoding="utf-8"))


TRIALS = [record for record in SCENARIOS if record["durationLimitSeconds"] <= availability.TRIAL_SECONDS_MAX]


def words(text: str, language: str) -> int:
    return len(text.split()) if language == "en" else len(text) // 2


def test_the_library_covers_many_categories_and_skills():
    categories = {record["category"] for record in SCENARIOS if record["language"] == "en"}
    assert len(SKILLS) >= 12
    assert len(SCENARIOS) >= 16
    assert len(categories) >= 8
    assert Counter(record["language"] for record in SCENARIOS)["zh"] >= 3


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill["externalId"])
def test_each_rubric_is_anchored_at_1_3_and_5(skill):
    assert re.findall(r"^(\d): \S", skill["rubric"], re.MULTILINE) == ["1", "3", "5"]


def test_each_skill_is_used_by_a_scenario():
    asked = {key for record in SCENARIOS for key in record["skills"]}
    assert asked == {skill["externalId"] for skill in SKILLS}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["externalId"])
def test_each_scenario_fits_a_nervous_person_and_a_small_model(scenario):
    language = scenario["language"]
    assert 20 <= scenario["idleLimitSeconds"] <= 45
    assert scenario in TRIALS or 180 <= scenario["durationLimitSeconds"] <= 600
    assert 60 <= words(scenario["description"], language) <= 160
    assert words(scenario["aiPersona"]["background"], language) <= 90
    assert ("you" if language == "en" else "你") in scenario["description"].lower()
    assert len(scenario["endCriteria"]) >= 2


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["externalId"])
def test_goal_and_end_criteria_are_not_in_the_ais_texts(scenario):
    told = " ".join(
        [
            scenario["description"],
            scenario["prompt"],
            *(scenario["aiPersona"][field] for field in ("name", "role", "background")),
            *scenario["traineePersona"].values(),
        ]
    )
    for secret in [scenario["objective"], *scenario["endCriteria"]]:
        assert secret not in told


WITH_BRIEF = [record for record in SCENARIOS if record["aiPersona"].get("brief")]


def brief_test(test):
    ids = [record["externalId"] for record in WITH_BRIEF]
    return pytest.mark.parametrize("scenario", WITH_BRIEF, ids=ids)(test)


@brief_test
def test_each_role_brief_is_sound_at_every_difficulty(scenario):
    raw, criteria = scenario["aiPersona"]["brief"], scenario["endCriteria"]
    RoleBrief.model_validate(raw)
    for shift, start in ((-1, 0), (0, 0), (1, -1)):
        assert (
            reference_faults(
                raw, criteria=len(criteria), failing=end_criteria.failing(criteria), shift=shift, start=start
            )
            == []
        )


@brief_test
def test_each_role_brief_has_locked_reactions_and_a_way_to_fail(scenario):
    brief = RoleBrief.model_validate(scenario["aiPersona"]["brief"])
    spoken_to = [one for one in brief.reactions if one.heard]
    locked = [one for one in spoken_to if (one.needs.trust or -3) > brief.trust or one.needs.after]
    assert 8 <= len(brief.reactions) <= 60
    assert len([one for one in brief.reactions if one.hint or one.trust or one.meets or one.ends]) <= 16
    assert len(locked) >= 2
    assert all(one.otherwise for one in locked if (one.needs.trust or -3) > brief.trust)
    assert any(one.trust < 0 for one in spoken_to)
    assert any(one.by_trust for one in brief.reactions)
    assert len(brief.holds_on) >= 2
    assert sum(bool(one.hint) for one in spoken_to) >= 3
    met = {number for one in brief.reactions for number in one.meets}
    assert set(end_criteria.wanted(scenario["endCriteria"])) <= met, "the talk can never end well"


@brief_test
def test_each_reaction_has_enough_lines_and_no_duplicates(scenario):
    brief = RoleBrief.model_validate(scenario["aiPersona"]["brief"])
    said = [line for one in brief.reactions for line in [*one.says, *one.otherwise]] + list(brief.holds_on)
    any_of_them = [brief.to_any_question, brief.to_any_statement, brief.to_any_request]
    assert all(len(lines) >= 3 for lines in any_of_them)
    said += chain(*any_of_them)
    assert [line for line, times in Counter(said).items() if times > 1] == []
    for one in brief.reactions:
        assert one.by_trust or 3 <= len(one.heard) <= 10, one.key
        assert (1 if one.ends else 2) <= len(one.says) <= 4, one.key
        assert all(words(line, scenario["language"]) <= 45 for line in one.says), one.key


@brief_test
def test_each_fact_is_short_and_unique(scenario):
    brief = RoleBrief.model_validate(scenario["aiPersona"]["brief"])
    said = [line for fact in brief.knows for line in fact.says]
    said += [line for one in brief.reactions for line in [*one.says, *one.otherwise]]
    assert [line for line, times in Counter(said).items() if times > 1] == []
    for fact in brief.knows:
        assert 2 <= len(fact.asked) <= 10, fact.asked
        assert 1 <= len(fact.says) <= 3, fact.asked
        assert all(words(line, scenario["language"]) <= 30 for line in fact.says), fact.says


@brief_test
def test_no_fact_contains_a_name_or_number_of_a_locked_reaction(scenario):
    brief = RoleBrief.model_validate(scenario["aiPersona"]["brief"])
    needs = {one.key: one.needs.after for one in brief.reactions}
    locked = [one for one in brief.reactions if (one.needs.trust or -3) > brief.trust or one.needs.after]
    told = json.dumps({**scenario, "aiPersona": {**scenario["aiPersona"], "brief": None}}, ensure_ascii=False)
    told += " ".join(line for one in brief.reactions for line in [*one.heard, *([] if one in locked else one.says)])
    known = names_and_sums(told)
    for fact in brief.knows:
        opened, left = set(), list(fact.needs.after)
        while left:
            opened.add(key := left.pop())
            left += needs[key]
        kept_back = [line for one in locked if one.key not in opened for line in one.says]
        told_by_fact = names_and_sums(" ".join(fact.says)) - known
        assert not told_by_fact & names_and_sums(" ".join(kept_back)), fact.asked


def names_and_sums(text):
    """Capitalised words within sentences, without days and months, and numbers from 100 on."""
    inner = re.findall(r"(?<=[a-z,’'] )[A-Z][a-z]{2,}", text)
    return {*inner} - CALENDAR | {number for number in numbers(text) if number >= 100}


CALENDAR = {*calendar.day_name, *calendar.month_name}


@brief_test
def test_no_role_brief_contains_the_trainees_goal(scenario):
    told = json.dumps(scenario["aiPersona"], ensure_ascii=False)
    for secret in [scenario["objective"], *scenario["endCriteria"]]:
        assert secret not in told


def test_the_hard_part_of_each_scenario_is_one_line():
    assert all(len(record.get("hardPart", "")) <= 90 for record in SCENARIOS)


def test_each_language_has_a_one_minute_trial():
    assert sorted(record["language"] for record in TRIALS) == ["en", "zh"]
    assert all(record["aiPersona"].get("brief") for record in TRIALS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["externalId"])
def test_texts_address_the_trainee_as_you(scenario):
    for text in [
        scenario["description"],
        scenario["objective"],
        scenario.get("hardPart", ""),
        *scenario["endCriteria"],
    ]:
        assert "the trainee" not in text.lower()
        assert "练习者" not in text

"""The library that an empty installation starts with is worth using."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from coach.local_models.opening import word_for_word

SEEDS = Path(__file__).resolve().parents[2] / "seed-data"
SKILLS = json.loads((SEEDS / "skills.json").read_text(encoding="utf-8"))
SCENARIOS = json.loads((SEEDS / "scenarios.json").read_text(encoding="utf-8"))


def words(text: str, language: str) -> int:
    return len(text.split()) if language == "en" else len(text) // 2


def test_it_is_broad_enough_to_find_oneself_in():
    categories = {record["category"] for record in SCENARIOS if record["language"] == "en"}
    assert len(SKILLS) >= 12
    assert len(SCENARIOS) >= 16
    assert len(categories) >= 8
    assert Counter(record["language"] for record in SCENARIOS)["zh"] >= 3


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill["externalId"])
def test_each_rubric_is_anchored_at_1_3_and_5(skill):
    assert re.findall(r"^(\d): \S", skill["rubric"], re.MULTILINE) == ["1", "3", "5"]


def test_each_skill_is_asked_for_somewhere():
    asked = {key for record in SCENARIOS for key in record["skills"]}
    assert asked == {skill["externalId"] for skill in SKILLS}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["externalId"])
def test_each_scenario_fits_a_nervous_person_and_a_small_model(scenario):
    language = scenario["language"]
    assert 20 <= scenario["idleLimitSeconds"] <= 45
    assert 180 <= scenario["durationLimitSeconds"] <= 600
    assert 60 <= words(scenario["description"], language) <= 160
    assert words(scenario["aiPersona"]["background"], language) <= 90
    assert ("you" if language == "en" else "你") in scenario["description"].lower()
    assert len(scenario["endCriteria"]) >= 2


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["externalId"])
def test_each_scenario_gives_its_first_line_word_for_word(scenario):
    line = word_for_word(scenario["prompt"], scenario["language"])
    assert 4 <= words(line, scenario["language"]) <= 40


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["externalId"])
def test_goal_and_endings_are_not_told_to_the_ai(scenario):
    told = " ".join(
        [
            scenario["description"],
            scenario["prompt"],
            *scenario["aiPersona"].values(),
            *scenario["traineePersona"].values(),
        ]
    )
    for secret in [scenario["objective"], *scenario["endCriteria"]]:
        assert secret not in told

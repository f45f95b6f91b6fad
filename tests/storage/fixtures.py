"""Fixtures for tests of storage and what is built on it: a past session, and an empty audio store."""

from pathlib import Path
from typing import Any

import pytest

from practice.models import PracticeSession, Scenario, ScenarioSkill, Skill
from tests import cast
from tests.history.cast import past_session
from tests.storage.cast import NOW


@pytest.fixture
def session(db: None) -> PracticeSession:
    skill = Skill.objects.create(external_id="listen", name="Listening", category="Basics", rubric="1: no\n5: yes")
    scenario = Scenario.objects.create(
        external_id="late",
        title="Deadlines",
        category="Work",
        end_criteria=["agreed"],
        hard_part="He laughs it off.",
        ai_persona_brief=cast.role_brief(),
        ai_persona_voice="Ethan",
        ai_persona_portrait={"glasses": True},
    )
    ScenarioSkill.objects.create(scenario=scenario, skill=skill)
    return past_session(scenario, at=NOW)


@pytest.fixture
def audio_folder(settings: Any, tmp_path: Path) -> Path:
    """The local audio store, empty."""
    local = {**settings.STORAGES["audio-local"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "audio-local": local}
    return tmp_path

"""A LeanCloud to talk to, and something to tell it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coach.storage.leancloud import files, triggers
from coach.storage.leancloud.client import LeanCloud
from practice.models import PracticeSession, Scenario, ScenarioSkill, Skill
from tests import cast
from tests.fakes.leancloud import LeanCloudFake, serve
from tests.history.cast import past_session
from tests.storage.cast import NOW


@pytest.fixture
def fake() -> Iterator[LeanCloudFake]:
    with serve(LeanCloudFake()) as running:
        yield running


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def lean(fake: LeanCloudFake, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> LeanCloud:
    client = LeanCloud(server_url=fake.url, app_id=fake.app_id, master_key=fake.master_key, sleep=slept.append)
    files.forget_all()
    monkeypatch.setattr(files, "client", lambda tries: client)
    return client


@pytest.fixture
def noted(db: None) -> Iterator[None]:
    """Changes are noted in the outbox."""
    triggers.install()
    yield
    triggers.remove()


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

"""Fixtures: a fake LeanCloud, a client for it, and an app with data."""

from collections.abc import Iterator

import pytest

from coach.config import config
from coach.leancloud import files, triggers
from coach.leancloud.client import LeanCloud
from coach.leancloud.management.commands import leancloud as command
from tests.fakes.leancloud import LeanCloudFake
from tests.fakes.leancloud_wire import serve
from tests.leancloud.cast import EARLIER, THEN, recorded_turn
from tests.storage.fixtures import audio_folder, session  # noqa: F401


@pytest.fixture
def fake() -> Iterator[LeanCloudFake]:
    with serve(LeanCloudFake()) as running:
        yield running


@pytest.fixture
def slept() -> list[float]:
    """The pauses of `lean`, in seconds; none is waited for."""
    return []


@pytest.fixture
def lean(fake: LeanCloudFake, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> LeanCloud:
    """A client of the fake, which recordings use too."""
    client = LeanCloud(server_url=fake.url, app_id=fake.app_id, master_key=fake.master_key, sleep=slept.append)
    files.forget_all()
    monkeypatch.setattr(files, "client", lambda tries: client)
    return client


@pytest.fixture
def noted(db: None) -> Iterator[None]:
    """Installs the triggers that record changes in the outbox."""
    triggers.install()
    yield
    triggers.remove()


@pytest.fixture
def configured(lean: LeanCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """LeanCloud is configured, and the command uses the fake."""
    monkeypatch.setattr(type(config), "lean_configured", property(lambda self: True))
    monkeypatch.setattr(command, "client", lambda tries: lean)


@pytest.fixture
def app(fake: LeanCloudFake) -> LeanCloudFake:
    """An app that another program filled: one evaluated session of four turns with recordings."""
    fake.put("Skill", {**EARLIER, "objectId": "k1", "externalId": "listen", "name": "Listening", "rubric": "1: no"})
    fake.put(
        "Scenario",
        {
            **EARLIER,
            "objectId": "c1",
            "externalId": "late",
            "title": "Deadlines",
            "aiPersona": {"name": "Alex", "background": "Proud."},
            "traineePersona": {"name": "Sam", "background": "New lead."},
            "endCriteria": ["A date is agreed"],
            "skills": ["k1"],
            "status": "published",
        },
    )
    fake.put(
        "PracticeSession",
        {
            **EARLIER,
            "objectId": "s1",
            "scenarioId": "c1",
            "stubUserId": "pilot-user",
            "status": "ended",
            "terminationReason": "manual",
            "startedAt": THEN,
            "endedAt": "2026-01-05T09:04:00.000Z",
            "evaluationId": "e1",
        },
    )
    for sequence in range(4):
        recorded_turn(fake, "s1", sequence)
    fake.put(
        "Evaluation",
        {
            **EARLIER,
            "objectId": "e1",
            "sessionId": "s1",
            "status": "completed",
            "summary": "Plainly said.",
            "attempts": 1,
            "scores": [{"skillId": "k1", "rating": 4, "note": "Good."}],
        },
    )
    return fake

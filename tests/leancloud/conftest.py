"""A LeanCloud to talk to, and something to tell it."""

from collections.abc import Iterator

import pytest

from coach.leancloud import files, triggers
from coach.leancloud.client import LeanCloud
from tests.fakes.leancloud import LeanCloudFake, serve
from tests.storage.fixtures import audio_folder, session  # noqa: F401


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

"""Fixtures and settings shared by all tests."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is not a failure: whether a property is true does not depend on how long an example takes.
settings.register_profile("no-clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no-clock")

PHASES = {"browser", "models", "postgres", "processes"}


def pytest_sessionstart() -> None:
    from tests import emptying  # imports Django, which is not set up before

    emptying.keep_what_is_the_same()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """scripts/ci/validate-feature.sh looks for the tests of a phase in the files that name its mark."""
    text = {path: path.read_text("utf-8") for path in {item.path for item in items}}
    for item in items:
        for name in PHASES & {mark.name for mark in item.iter_markers()}:
            known = f"mark.{name}" in text[item.path] or item.path.parent == Path(__file__).parent / "browser"
            assert known, f"{item.nodeid} is marked {name}, and its file does not say so"


@pytest.fixture(autouse=True)
def _models_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No local model server runs beside the tests; sessions would not start until it had loaded its models."""
    monkeypatch.setattr("practice.api.loading", lambda: None)

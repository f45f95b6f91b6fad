from collections.abc import Iterator

import pytest

from tests.fakes import models


@pytest.fixture(scope="session")
def service() -> Iterator[models.Fake]:
    """The fake model services, kept for the whole run."""
    with models.running() as fake:
        yield fake


@pytest.fixture
def judge(service: models.Fake) -> models.Fake:
    """The fake evaluator service without scripted answers."""
    service.reset()
    return service

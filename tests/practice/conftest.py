"""Fixtures for the tests of conversations: a web process inside the test, or real ones."""

from collections.abc import Iterator

import pytest

from tests import stack
from tests.practice.running_web import (  # noqa: F401 (fixtures)
    calls,
    clock,
    fake,
    model_server,
    redis_server,
    web,
)


@pytest.fixture(scope="package")
def processes() -> Iterator[stack.Stack]:
    """Two web processes and a worker, for all tests of this package that need real ones."""
    patient = {"PRACTICE_PENDING_WAIT_SECONDS": "120"}
    with stack.database_of_its_own() as database, stack.running(webs=2, database_url=database, **patient) as made:
        yield made


@pytest.fixture
def up(processes: stack.Stack) -> stack.Stack:
    """The stack with all processes running, every place free, and no scripted model answers."""
    processes.revive()
    processes.end_all()
    processes.fake.reset()
    return processes

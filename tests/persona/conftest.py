"""Fixtures for the persona's tests: a web process inside the test."""

from tests.practice.running_web import (  # noqa: F401 (fixtures)
    calls,
    clock,
    fake,
    model_server,
    redis_server,
    web,
)

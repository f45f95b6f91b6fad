"""Fixtures: a site with sign-in for trainees."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coach import identity
from coach.config import config
from tests.practice.running_web import (  # noqa: F401 (fixtures)
    calls,
    clock,
    fake,
    model_server,
    redis_server,
    web,
)


@pytest.fixture
def _login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "config", config.model_copy(update={"trainee_auth": "login"}))


@pytest.fixture
def login(_login: None, db: None) -> Callable[[User], Client]:
    """`login(user)` returns a browser in which the user is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in

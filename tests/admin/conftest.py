"""A curator or an operator at the desk, and something on it to work with."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from practice.models import Scenario, Skill
from tests.admin.desk import put
from tests.seeding.records import scenario as scenario_seed
from tests.seeding.records import skill as skill_seed


@pytest.fixture
def anna(db: None) -> User:
    """A curator with exactly what the Curators group may do."""
    user = User.objects.create_user("anna", is_staff=True)
    user.groups.add(Group.objects.get(name="Curators"))
    return user


@pytest.fixture
def desk(anna: User, client: Client) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def operator(db: None, client: Client) -> Client:
    """Somebody with exactly what the Operators group may do."""
    user = User.objects.create_user("otto", is_staff=True)
    user.groups.add(Group.objects.get(name="Operators"))
    client.force_login(user)
    return client


@pytest.fixture
def listening(db: None) -> Skill:
    put([skill_seed("listening")])
    return Skill.objects.get()


@pytest.fixture
def published(listening: Skill) -> Scenario:
    put(None, [scenario_seed()])
    return Scenario.objects.get()


@pytest.fixture
def draft(listening: Skill) -> Scenario:
    put(None, [{"externalId": "idea", "title": "An idea", "category": "Work"}])
    return Scenario.objects.get()

"""Fixtures: a curator or an operator signed in to the admin, and catalog records to work with."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from practice.models import Scenario, Skill
from tests.admin.desk import put
from tests.seeding.records import scenario as scenario_seed
from tests.seeding.records import skill as skill_seed


@pytest.fixture
def anna(db: None) -> User:
    """A curator with exactly the permissions of the Curators group."""
    user = User.objects.create_user("anna", is_staff=True)
    user.groups.add(Group.objects.get(name="Curators"))
    return user


@pytest.fixture
def desk(anna: User, client: Client) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def operator(db: None, client: Client) -> Client:
    """An operator with exactly the permissions of the Operators group."""
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

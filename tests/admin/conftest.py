"""Fixtures: the browser of a curator or an operator signed in to the admin, and catalog records."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from practice.models import Scenario, Skill
from tests.admin.catalog_pages import put
from tests.seeding.records import scenario as scenario_seed
from tests.seeding.records import skill as skill_seed


@pytest.fixture
def anna(db: None) -> User:
    """A curator with exactly the permissions of the Curators group."""
    user = User.objects.create_user("anna", is_staff=True)
    user.groups.add(Group.objects.get(name="Curators"))
    return user


@pytest.fixture
def curator(anna: User, client: Client) -> Client:
    """The browser in which anna is signed in."""
    client.force_login(anna)
    return client


@pytest.fixture
def operator(db: None, client: Client) -> Client:
    """The browser of somebody with exactly the permissions of the Operators group."""
    user = User.objects.create_user("otto", is_staff=True)
    user.groups.add(Group.objects.get(name="Operators"))
    client.force_login(user)
    return client


@pytest.fixture
def listening(db: None) -> Skill:
    """The only skill of the catalog."""
    put([skill_seed("listening")])
    return Skill.objects.get()


@pytest.fixture
def published(listening: Skill) -> Scenario:
    """A published scenario that trains `listening`."""
    put(None, [scenario_seed()])
    return Scenario.objects.get()


@pytest.fixture
def draft(listening: Skill) -> Scenario:
    """A draft with a title and a category only."""
    put(None, [{"externalId": "idea", "title": "An idea", "category": "Work"}])
    return Scenario.objects.get()

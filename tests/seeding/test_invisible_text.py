"""Fields with only invisible characters count as missing."""

from typing import Any

import pytest
from django.test import Client

from practice.catalog import completeness
from practice.models import Scenario
from practice.seed_data import seed_format
from tests import cast
from tests.seeding.records import scenario as scenario_seed

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

INVISIBLE = ["\u200b", "\u2060\ufeff", "\u3164", "\u00a0\u3000", "\u200d\u00ad", "\u2800", "\U000e0020"]
FIELDS = {
    "ai_persona_name": "aiPersona.name",
    "ai_persona_background": "aiPersona.background",
    "trainee_persona_name": "traineePersona.name",
    "trainee_persona_background": "traineePersona.background",
    "objective": "objective",
}


@pytest.mark.parametrize("invisible", INVISIBLE)
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_of_invisible_characters_is_missing(client: Client, field: str, invisible: str) -> None:
    scenario = cast.scenario(**{field: invisible})
    assert [problem.field for problem in completeness.missing(scenario)] == [FIELDS[field]]
    assert client.get("/api/scenarios").json()["items"] == []
    body: Any = {"scenarioId": scenario.pk, "clientSessionStartedAt": "2026-03-01T09:30:00Z"}
    assert client.post("/api/sessions", body, content_type="application/json").status_code == 422


def test_end_criteria_of_invisible_characters_are_missing() -> None:
    scenario = cast.scenario(end_criteria=INVISIBLE)
    assert [problem.field for problem in completeness.missing(scenario)] == ["endCriteria"]


@pytest.mark.parametrize("invisible", INVISIBLE)
@pytest.mark.parametrize("field", ["externalId", "title", "category", "endCriteria"])
def test_the_importer_refuses_it_by_name(field: str, invisible: str) -> None:
    record = scenario_seed(**{field: [invisible] if field == "endCriteria" else invisible})
    found = seed_format.parse("s.json", seed_format.write([record]).encode(), seed_format.ScenarioRecord)
    assert [problem.message for problem in found.problems] == ["must not be empty"]
    assert found.problems[0].field.startswith(field)


def test_an_invisible_title_is_refused_in_the_admin(admin_client: Client) -> None:
    answer = admin_client.post("/admin/practice/scenario/add/", {"title": "\u200b", "category": "\u3164"})
    assert answer.status_code == 200
    assert not Scenario.objects.exists()

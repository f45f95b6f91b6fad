"""Scenarios and skills over the API."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from coach.edge.problems import Problem
from practice.api import api_schemas
from practice.api.api_fields import QueryNumber, StepCount, Text
from practice.catalog import availability, catalog_search
from practice.models import Skill

scenarios = Router(tags=["Catalogue"])
skills = Router(tags=["Catalogue"])


class ScenarioQuery(Schema):
    category: Text = ""
    skill: Text = ""
    language: Text = ""
    search: Text = ""
    limit: Annotated[QueryNumber, Field(ge=1, le=100)] = 20
    historyStepCount: StepCount | None = None


class Scenarios(Schema):
    items: list[api_schemas.Scenario]


class Skills(Schema):
    items: list[api_schemas.Skill]


@scenarios.get("", response=Scenarios, summary="List published scenarios")
def list_scenarios(request: HttpRequest, query: Query[ScenarioQuery]) -> Any:
    wishes = {name: getattr(query, name) for name in ("search", "category", "skill", "language")}
    found = catalog_search.search(catalog_search.CatalogFilters.of(wishes)).ids[: query.limit]
    return Scenarios(items=[api_schemas.scenario(one) for one in catalog_search.scenarios(found, with_skills=True)])


@scenarios.get("/{scenario_id}", response=api_schemas.Scenario, summary="Get a published scenario")
def read_scenario(request: HttpRequest, scenario_id: str) -> Any:
    found = availability.published().filter(pk=scenario_id).first()
    if found is None:
        raise Problem(404, _("There is no such scenario. Choose one from the list of scenarios."))
    return api_schemas.scenario(found)


@skills.get("", response=Skills, summary="List skills")
def list_skills(request: HttpRequest) -> Any:
    return Skills(items=[api_schemas.skill(one) for one in Skill.objects.filter(deleted_at=None)])

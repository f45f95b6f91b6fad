"""The pages for finding a scenario and getting ready for it."""

import json
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import push_url, replace_url

from coach.config import config
from coach.identity import trainee
from coach.pages.requests import PageRequest, wants_part
from coach.providers import model_health
from practice import web_runtime
from practice.catalog import availability as rules
from practice.catalog import catalog_cards, catalog_search, rubric
from practice.catalog.demand import demand
from practice.lifecycle import Difficulty
from practice.models import Scenario
from practice.persona.brief.role_brief import parsed
from practice.turns import roleplay_prompt

PAGE_SIZE = 48
ONBOARDED = "onboarded"
"""Set in the browser of somebody who has seen or skipped the first steps (static/js/pages/onboarding.js)."""


@require_safe
def catalog(request: PageRequest) -> HttpResponse:
    """The catalogue: the whole page, or for htmx only what changes with the filters."""
    filters = catalog_search.CatalogFilters.of(request.GET)
    found = catalog_search.search(filters, first_language=(get_language() or "en").split("-")[0])
    past = catalog_cards.practised(trainee())
    newcomer = not past
    trials = found.trials[:1] if newcomer and not filters.wishes else []
    others = [key for key in found.ids if key not in trials]
    page = Paginator(others, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = catalog_cards.cards(found, [*trials, *page.object_list], past)
    context = {
        "shelf": found,
        "page": page,
        "trials": shown[: len(trials)],
        "cards": shown[len(trials) :],
        "onboarding": newcomer and not filters.wishes and ONBOARDED not in request.COOKIES,
        "all_local": config.roleplay.local and config.asr.local and config.evaluator.local,
    }
    if (web := web_runtime.running()) and not wants_part(request, "shelf"):
        web.prepare_role(None, (get_language() or "en").split("-")[0])
    if wants_part(request, "shelf"):
        response = render(request, "practice/catalog.html#shelf", context)
        _keep_address(request, response, filters, page.number)
    else:
        response = render(request, "practice/catalog.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _keep_address(
    request: PageRequest, response: HttpResponse, filters: catalog_search.CatalogFilters, number: int
) -> None:
    """Add a history entry for every filter change; typing on in the same search replaces the entry."""
    query = filters.query if number == 1 else f"{filters.query}&page={number}"
    address = reverse("practice:catalog") + ("" if query == "?" else query)
    before = parse_qs(urlsplit(request.htmx.current_url or "").query)
    typing_on = bool(filters.search) and "search" in before and before["search"] != [filters.search]
    (replace_url if typing_on else push_url)(response, address)


@require_safe
def scenario(request: PageRequest, scenario_id: str) -> HttpResponse:
    """One scenario as the trainee sees it, with Start."""
    found = Scenario.objects.filter(pk=scenario_id).prefetch_related("scenarioskill_set__skill").first()
    if found is None or not rules.startable(found):
        raise Http404
    if web := web_runtime.running():
        web.read_ahead(partial(roleplay_prompt.scenario_ahead, found))
        brief = found.ai_persona_brief
        web.prepare_role(parsed(brief) if brief else None, found.language)
    practised = catalog_cards.practised(trainee(), scenario_id=found.pk).get(found.pk)
    return render(request, "practice/scenario.html", {**told(found), "practised": practised})


def _difficulties() -> list[tuple[str, Any, Any]]:
    """Value, name and effect of each difficulty, for people."""
    changes = {
        Difficulty.GENTLE: _("They open up sooner."),
        Difficulty.REALISTIC: _("As in real life."),
        Difficulty.TOUGH: _("They're wary and slow to trust you."),
    }
    return [(choice.value, choice.label, words) for choice, words in changes.items()]


def told(scenario: Scenario) -> dict[str, Any]:
    """The template context of a scenario's page, shared with the admin preview."""
    return {
        "scenario": scenario,
        "demand": demand(scenario.ai_persona_brief, scenario.end_criteria),
        "skills": [(skill, rubric.parse(skill.rubric)) for skill in scenario.ordered_skills()],
        "local_roleplay": config.roleplay.local,
        "local_llm": model_health.local_llm() if config.roleplay.local else None,
        "difficulties": _difficulties() if scenario.ai_persona_brief else [],
        "start_body": json.dumps({"scenarioId": scenario.pk}),
        "room_url": reverse("practice:room", args=["ID"]),
    }

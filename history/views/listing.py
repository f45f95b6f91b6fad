"""The list: made for scanning."""

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from coach.identity import trainee
from coach.pages.requests import PageRequest, wants_part
from coach.telemetry import names
from history import navigation_steps, queries, rows, watched
from practice.lifecycle import Difficulty
from practice.models import PracticeSession
from practice.protocol import clean

SEARCH_MAX = 200
FILTERS = ("scenarioId", "category", "search", "sort", "difficulty")


@require_safe
def sessions(request: PageRequest) -> HttpResponse:
    """A page of past sessions, or only what changes with the filters where htmx asks for it."""
    filters = _filters(request)
    part = "#sessions" if wants_part(request, "sessions") else ""
    with watched.listing("list page", filters, size=queries.PAGE_SIZE) as look:
        found = queries.find(trainee(), filters)
        page: Page[PracticeSession] = Paginator(found, queries.PAGE_SIZE).get_page(request.GET.get("page"))
        look.set(names.PAGE, page.number)
        context = {
            "filters": filters,
            "alone": bool(part),
            "page": page,
            "rows": rows.of(list(page.object_list)),
            "room_url": reverse("practice:room", args=["ID"]),
            "scenarios": found.scenarios,
            "difficulties": Difficulty.choices,
            "categories": sorted({scenario.category for scenario in found.scenarios}),
        }
        response = render(request, f"history/list.html{part}", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    if request.method == "GET":
        navigation_steps.remember(response, navigation_steps.at_list(request))
    return response


def _filters(request: PageRequest) -> queries.HistoryFilters:
    """What is not understood does not filter: a link with a typing error still shows something."""
    given = {name: request.GET.get(name, "")[:SEARCH_MAX] for name in FILTERS}
    known = {name: value if clean(value) else "" for name, value in given.items()}
    sort = queries.Sort(known["sort"]) if known["sort"] in list(queries.Sort) else queries.Sort.NEWEST
    difficulty = known["difficulty"] if known["difficulty"] in Difficulty.values else ""
    return queries.HistoryFilters(known["scenarioId"], known["category"], known["search"], sort, difficulty)

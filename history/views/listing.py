"""The list of past sessions, designed for scanning."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from coach import clock
from coach.edge.input_limits import text_fault
from coach.identity import trainee
from coach.pages.requests import PageRequest, wants_part
from coach.telemetry import names
from history import history_telemetry, list_rows, navigation_steps, queries
from history.list_rows import Row
from history.queries import FoundSessions, HistoryFilters
from history.session_outcomes import SessionOutcome
from practice.lifecycle import Difficulty
from practice.models import PracticeSession

SEARCH_MAX = 200
FILTERS_FROM = 6
"""With fewer sessions than this there is nothing to search or filter."""
TEXTS = ("scenarioId", "category", "search", "said")
FIELDS = {"scenarioId": "scenario_id"}
"""Names in the query string that differ from the filter's field."""
YEARS = range(1970, 3000)
MONTHS = 12
"""So many months are offered as the first and the last one; a link may name any day."""


@dataclass(frozen=True)
class Week:
    """Sessions that began in one week of the reader's calendar."""

    label: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Removal:
    """A filter that is set, and the query without it; that leaves `count` sessions, None if not counted."""

    label: str
    query: str
    count: int | None = None


@require_safe
def sessions(request: PageRequest) -> HttpResponse:
    """A page of past sessions; for htmx only what changes with the filters."""
    filters = _filters(request)
    part = "#sessions" if wants_part(request, "sessions") else ""
    with history_telemetry.listing("list page", filters, size=queries.PAGE_SIZE) as look:
        found = queries.find(trainee(), filters)
        page: Page[PracticeSession] = Paginator(found, queries.PAGE_SIZE).get_page(request.GET.get("page"))
        look.set(names.PAGE, page.number)
        listed = list_rows.of(list(page.object_list), attempts=found.attempts, said=filters.said)
        context = {
            "filters": filters,
            "filterable": bool(request.GET) or page.paginator.count >= FILTERS_FROM,
            "alone": bool(part),
            "page": page,
            "weeks": list(_by_week(listed)),
            "scenarios": found.scenarios,
            "since": list(_months(filters.since, last_day=False)),
            "until": list(_months(filters.until, last_day=True)),
            "outcomes": SessionOutcome.choices,
            "difficulties": Difficulty.choices,
            "categories": sorted({scenario.category for scenario in found.scenarios}),
            "removals": _helpful(list(_removals(found, counted=not listed))),
        }
        response = render(request, f"history/list.html{part}", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    if request.method == "GET":
        navigation_steps.remember(response, navigation_steps.at_list(request))
    return response


def _filters(request: PageRequest) -> HistoryFilters:
    """Parse the filters; invalid values are ignored, so a link with a typo still shows something."""
    texts = {name: request.GET.get(name, "")[:SEARCH_MAX] for name in TEXTS}
    known = {FIELDS.get(name, name): "" if text_fault(value) else value for name, value in texts.items()}
    asked = request.GET.get("sort", "")
    sort = queries.Sort(asked) if asked in list(queries.Sort) else queries.Sort.NEWEST
    difficulty, outcome = request.GET.get("difficulty", ""), request.GET.get("outcome", "")
    return HistoryFilters(
        **known,
        sort=sort,
        difficulty=difficulty if difficulty in Difficulty.values else "",
        outcome=outcome if outcome in SessionOutcome.values else "",
        since=_day(request.GET.get("since", "")),
        until=_day(request.GET.get("until", "")),
    )


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _months(chosen: date | None, *, last_day: bool) -> Iterator[tuple[str, str]]:
    """The first or last day of each month, the latest first, with its name; a chosen day among them if it is none."""
    month = timezone.localdate(clock.now()).replace(day=1)
    offered = []
    for _each in range(MONTHS):
        following = (month + timedelta(days=31)).replace(day=1)
        offered.append((following - timedelta(days=1) if last_day else month, date_format(month, "YEAR_MONTH_FORMAT")))
        month = (month - timedelta(days=1)).replace(day=1)
    if chosen and chosen not in dict(offered):
        offered.insert(0, (chosen, date_format(chosen, "DATE_FORMAT")))
    for day, label in offered:
        yield day.isoformat(), label


def _by_week(listed: Sequence[Row]) -> Iterator[Week]:
    """Group rows by week; weeks begin on Monday."""
    today = timezone.localdate(clock.now())
    this = today - timedelta(days=today.weekday())
    names_of = {this: _("This week"), this - timedelta(days=7): _("Last week")}

    def monday(row: Row) -> date:
        day = timezone.localdate(row.session.sorted_at)
        return day - timedelta(days=day.weekday())

    for first, of_week in groupby(listed, key=monday):
        label = names_of.get(first) or _("Week of %(day)s") % {"day": date_format(first, "DATE_FORMAT")}
        yield Week(label, list(of_week))


def _removals(found: FoundSessions, *, counted: bool) -> Iterator[Removal]:
    """One for each filter that is set. `counted`: with the number of sessions that removing it would show."""
    filters = found.filters
    titles = {one.pk: one.title for one in found.scenarios}
    for name, value in filters.wishes.items():
        without = filters.without(name)
        count = len(replace(found, filters=without)) if counted else None
        left = without.wishes | ({"sort": filters.sort.value} if filters.sort != queries.Sort.NEWEST else {})
        yield Removal(_label(name, value, filters, titles), f"?{urlencode(left)}", count)


def _helpful(removals: list[Removal]) -> list[Removal]:
    """The removals that would show sessions; if more than one is needed, all of them without counts."""
    return [one for one in removals if one.count != 0] or [replace(one, count=None) for one in removals]


def _label(name: str, value: str, filters: HistoryFilters, titles: dict[str, str]) -> str:
    match name:
        case "scenarioId":
            return titles.get(value, value)
        case "outcome":
            return str(SessionOutcome(value).label)
        case "difficulty":
            return str(Difficulty(value).label)
        case "since" if filters.since:
            return _("from %(day)s") % {"day": date_format(filters.since, "DATE_FORMAT")}
        case "until" if filters.until:
            return _("until %(day)s") % {"day": date_format(filters.until, "DATE_FORMAT")}
        case "category":
            return value
    return f"“{value}”"

"""What the history list shows, read only. Filters become a few scenario ids, so that an index answers every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, OuterRef, QuerySet

from practice.models import PracticeSession, Scenario

PAGE_SIZE = 20
PAGE_SIZE_MAX = 50


class Sort(StrEnum):
    NEWEST = "startedAtDesc"
    OLDEST = "startedAtAsc"


@dataclass(frozen=True)
class Filters:
    """An empty field does not filter; `search` is a case-insensitive substring of title or objective."""

    scenario_id: str = ""
    category: str = ""
    search: str = ""
    sort: Sort = Sort.NEWEST

    @property
    def narrowed(self) -> bool:
        return bool(self.scenario_id or self.category or self.search.strip())


@dataclass(frozen=True)
class Page:
    """`number` counts from 1; `items` is empty beyond the last page."""

    items: Sequence[PracticeSession]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def sessions_of(user_id: str, filters: Filters) -> QuerySet[PracticeSession]:
    """A trainee's sessions in the order asked for, finished or not, without their briefs."""
    sessions = PracticeSession.objects.filter(user_id=user_id).defer("brief")
    if filters.narrowed:
        sessions = sessions.filter(scenario_id__in=_matching_scenarios(filters))
    order = ("sorted_at", "id") if filters.sort is Sort.OLDEST else ("-sorted_at", "-id")
    return sessions.order_by(*order)


def page_of(user_id: str, filters: Filters, *, number: int = 1, size: int = PAGE_SIZE) -> Page:
    """One page of the list; a fixed number of queries however many sessions there are."""
    sessions = sessions_of(user_id, filters)
    start = (number - 1) * size
    return Page(items=list(sessions[start : start + size]), number=number, size=size, total=sessions.count())


def scenarios_practised(user_id: str) -> list[Scenario]:
    """The scenarios that a trainee has sessions of, by title; an index probe each, not a walk over the sessions."""
    mine = PracticeSession.objects.filter(user_id=user_id, scenario=OuterRef("pk"))
    return list(Scenario.objects.filter(Exists(mine)).only("id", "title", "category", "language").order_by("title"))


def _matching_scenarios(filters: Filters) -> list[str]:
    """Few enough to compare in Python, where case folding is the same on every database."""
    scenarios = Scenario.objects.all()
    if filters.scenario_id:
        scenarios = scenarios.filter(pk=filters.scenario_id)
    if filters.category:
        scenarios = scenarios.filter(category=filters.category)
    wanted = filters.search.strip().casefold()
    return [
        scenario_id
        for scenario_id, title, objective in scenarios.values_list("pk", "title", "objective")
        if wanted in title.casefold() or wanted in objective.casefold()
    ]

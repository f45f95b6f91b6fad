"""The data of a catalogue card: the scenario, and how the trainee has practised it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from coach.pages import time_words
from practice.catalog import catalog_search
from practice.catalog.catalog_search import CatalogResult
from practice.catalog.demand import Demand, demand
from practice.models import PracticeSession, Scenario

DEMANDS_KEPT = 4_096
_AsItIs = tuple[str, int, datetime]
"""A scenario's id, version and time of its last change."""
_known_demands: dict[_AsItIs, Demand | None] = {}


@dataclass(frozen=True)
class Practised:
    """How often the trainee practised it, and when last."""

    times: int
    last: datetime

    @property
    def words(self) -> str:
        when = time_words.ago(self.last)
        if self.times == 1:
            return _("Practised once, %(when)s") % {"when": when}
        if time_words.is_just_now(self.last):
            return _("Practised %(number)s times, most recently just now") % {"number": self.times}
        return _("Practised %(number)s times, last %(when)s") % {"number": self.times, "when": when}


@dataclass(frozen=True)
class Card:
    scenario: Scenario
    skills: Sequence[str]
    demand: Demand | None
    practised: Practised | None


def practised(user_id: str, **only: str) -> dict[str, Practised]:
    """By scenario id, counting sessions that became active and match the fields in `only`; one query."""
    rows = (
        PracticeSession.objects.filter(user_id=user_id, started_at__isnull=False, **only)
        .values_list("scenario_id")
        .annotate(Count("pk"), Max("started_at"))
        .order_by()
    )
    return {scenario_id: Practised(times, last) for scenario_id, times, last in rows}


def cards(found: CatalogResult, ids: list[str], past: Mapping[str, Practised]) -> list[Card]:
    """In the order of `ids`; one query, one more for scenarios that have changed since this process showed them."""
    scenarios = catalog_search.scenarios(ids)
    known = _demands(scenarios)
    return [
        Card(
            scenario=scenario,
            skills=found.skill_names.get(scenario.pk, ()),
            demand=known.get(_as_it_is(scenario)),
            practised=past.get(scenario.pk),
        )
        for scenario in scenarios
    ]


def _as_it_is(scenario: Scenario) -> _AsItIs:
    return scenario.pk, scenario.version, scenario.updated_at


def _demands(scenarios: Sequence[Scenario]) -> Mapping[_AsItIs, Demand | None]:
    """How demanding each is. A brief may have 100 KB, so it is read once and what came of it is remembered."""
    found = _known_demands.copy()  # another thread may empty it
    if changed := [scenario.pk for scenario in scenarios if _as_it_is(scenario) not in found]:
        if len(_known_demands) > DEMANDS_KEPT:
            _known_demands.clear()
        columns = ("pk", "version", "updated_at", "ai_persona_brief", "end_criteria")
        for pk, version, at, brief, criteria in Scenario.objects.filter(pk__in=changed).values_list(*columns):
            found[pk, version, at] = _known_demands[pk, version, at] = demand(brief, criteria)
    return found

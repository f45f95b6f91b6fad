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
    """In the order of `ids`; one query."""
    return [
        Card(
            scenario=scenario,
            skills=found.skill_names.get(scenario.pk, ()),
            demand=demand(scenario.ai_persona_brief, scenario.end_criteria),
            practised=past.get(scenario.pk),
        )
        for scenario in catalog_search.scenarios(ids)
    ]

"""Chooses what a trainee is told to practise next: scenarios for the skill with the most room to improve."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from history.models import Tally
from history.progress import SkillProgress
from practice.catalog import availability
from practice.models import Scenario, ScenarioSkill

NEXT = 2


@dataclass(frozen=True)
class NextPractice:
    """Scenarios that train the skill with the most room to improve."""

    skill: SkillProgress
    scenarios: list[Scenario]


def practise_next(user_id: str, skills: Iterable[SkillProgress], *, language: str) -> NextPractice | None:
    """Two scenarios for the weakest skill that can be trained in the reader's language, else for the weakest of all.

    Only skills with enough ratings count, unless there are none yet. Scenarios in the reader's language come first,
    then the least practised.
    """
    skills = list(skills)
    enough = [one for one in skills if not one.folded]
    rated = sorted(enough or skills, key=lambda one: one.recent_mean)
    trained = ScenarioSkill.objects.filter(scenario__in=availability.published().prefetch_related(None))
    spoken: dict[str, set[str]] = {}
    for skill_id, spoken_in in trained.values_list("skill_id", "scenario__language").distinct():
        spoken.setdefault(skill_id, set()).add(spoken_in)
    offered = [one for one in rated if one.skill_id in spoken]
    if not offered:
        return None
    skill = next((one for one in offered if language in spoken[one.skill_id]), offered[0])
    trains = ScenarioSkill.objects.filter(scenario=OuterRef("pk"), skill=skill.skill_id)
    tries = Tally.objects.filter(scenario=OuterRef("pk"), user_id=user_id).values("sessions")
    found = availability.published().filter(Exists(trains)).prefetch_related(None)
    found = found.annotate(tries=Coalesce(Subquery(tries[:1]), 0))
    if language in spoken[skill.skill_id]:
        found = found.filter(language=language)
    return NextPractice(skill, list(found.order_by("tries", "title")[:NEXT]))

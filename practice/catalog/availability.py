"""Decides which scenarios trainees may see and start: published, not deleted and complete."""

from django.db.models import Exists, OuterRef, QuerySet

from coach.text import VISIBLE
from practice.catalog.completeness import REQUIRED_TEXTS, missing
from practice.lifecycle import ScenarioStatus
from practice.models import Scenario, ScenarioSkill, Skill

TRIAL_SECONDS_MAX = 60
"""A published scenario no longer than this is a trial: shown first to somebody who has not practised yet."""


def startable(scenario: Scenario) -> bool:
    return scenario.status == ScenarioStatus.PUBLISHED and scenario.deleted_at is None and not missing(scenario)


def published() -> QuerySet[Scenario]:
    """Every scenario that a trainee may see, skills prefetched in order; `missing` is empty for each."""
    links = ScenarioSkill.objects.filter(scenario=OuterRef("pk"))
    complete = {f"{attribute}__regex": VISIBLE for attribute in REQUIRED_TEXTS}
    return (
        Scenario.objects.filter(status=ScenarioStatus.PUBLISHED, deleted_at=None, **complete)
        .exclude(end_criteria=[])
        .filter(Exists(links))
        .exclude(Exists(links.filter(skill__deleted_at__isnull=False)))
        .prefetch_related("scenarioskill_set__skill")
    )


def published_with(skill: Skill) -> list[Scenario]:
    """The published scenarios that use a skill: because of them its rubric is read-only and it cannot be deleted."""
    return list(
        Scenario.objects.filter(status=ScenarioStatus.PUBLISHED, deleted_at=None, skills=skill).order_by("title")
    )

"""A trainee's attempts at a scenario: the same ones wherever they are counted or compared."""

from dataclasses import dataclass

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from evaluations.lifecycle import EvaluationStatus
from evaluations.models import SkillScore
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession

REPEATED = 5


@dataclass(frozen=True)
class RepeatedScenario:
    """A scenario with `attempts` to compare, two or more."""

    scenario_id: str
    title: str
    language: str
    attempts: int


def of_scenario(user_id: str, scenario_id: str) -> "QuerySet[PracticeSession]":
    """A trainee's ended attempts, newest first; those with nothing to rate only if there are no others."""
    begun = _begun(user_id).filter(scenario=scenario_id).order_by("-sorted_at", "-id")
    to_rate = _to_rate()
    return begun.filter(to_rate | ~Exists(begun.filter(to_rate))).defer("brief", "role_brief", "behaviours")


def repeated(user_id: str) -> list[RepeatedScenario]:
    """Scenarios of which `of_scenario` finds more than one attempt, latest first, five at most; one query."""
    found = _begun(user_id).values("scenario", "scenario__title", "scenario__language")
    found = found.annotate(to_rate=Count("pk", filter=_to_rate()), begun=Count("pk"), latest=Max("sorted_at"))
    held = [
        RepeatedScenario(
            row["scenario"], row["scenario__title"], row["scenario__language"], row["to_rate"] or row["begun"]
        )
        for row in found.order_by("-latest")
    ]
    return [one for one in held if one.attempts > 1][:REPEATED]


def _begun(user_id: str) -> "QuerySet[PracticeSession]":
    return PracticeSession.objects.filter(user_id=user_id, status=SessionStatus.ENDED, started_at__isnull=False)


def _to_rate() -> Q:
    scored = Exists(SkillScore.objects.filter(evaluation__session=OuterRef("pk")))
    return scored | ~Q(evaluation__status=EvaluationStatus.COMPLETED)

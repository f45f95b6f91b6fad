"""The request to start a session, and the reasons to refuse it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from practice.api import api_schemas
from practice.catalog import completeness, voices
from practice.catalog.completeness import FieldProblem
from practice.lifecycle import Difficulty, ScenarioStatus, SessionStatus
from practice.models import PracticeSession, Scenario
from practice.turns import redo


class NotStartable(Exception):
    """`problems` name every field of the request or scenario that prevents the start."""

    def __init__(self, detail: str | Promise, problems: list[FieldProblem]) -> None:
        super().__init__("not startable")
        self.detail = detail
        self.problems = problems


@dataclass(frozen=True)
class Start:
    """What a client asks for."""

    scenario_id: str
    client_started_at: datetime
    language: str | None = None
    continues_from: str | None = None
    continues_at: int | None = None
    difficulty: Difficulty = Difficulty.REALISTIC
    coaching: bool = False
    arrived_at: datetime | None = None
    """When the server received it; None: now."""


def startable(scenario_id: str) -> Scenario:
    found = Scenario.objects.filter(pk=scenario_id, status=ScenarioStatus.PUBLISHED, deleted_at=None)
    scenario = found.prefetch_related("scenarioskill_set__skill").first()
    if scenario is None:
        raise NotStartable(
            _("This scenario isn't available. Choose another one from the catalogue."),
            [FieldProblem("scenarioId", _("There is no published scenario with this id."))],
        )
    problems = completeness.missing(scenario)
    if problems:
        raise NotStartable(
            _("This scenario isn't complete yet. Choose another one from the catalogue."),
            problems,
        )
    return scenario


def continued(wish: Start, user_id: str) -> PracticeSession | None:
    if wish.continues_from is None:
        if wish.continues_at is not None:
            raise _not_continued("continuesAt", _("Say with continuesFrom which of your sessions is meant."))
        return None
    earlier = PracticeSession.objects.filter(
        pk=wish.continues_from, user_id=user_id, scenario_id=wish.scenario_id, status=SessionStatus.ENDED
    ).first()
    if earlier is None:
        raise _not_continued("continuesFrom", _("Name one of your ended sessions of this scenario."))
    if wish.continues_at is not None and not redo.can_begin_at(earlier, wish.continues_at):
        raise _not_continued("continuesAt", _("Name the sequence of a turn of yours in that session."))
    return earlier


def _not_continued(field: str, message: str | Promise) -> NotStartable:
    return NotStartable(_("That conversation cannot be continued. Start a new one."), [FieldProblem(field, message)])


def scenario_snapshot(scenario: Scenario, earlier: PracticeSession | None) -> dict[str, Any]:
    """The scenario snapshot of a session: the scenario as it is now, or the snapshot of the session it continues."""
    if earlier is not None:
        return {name: getattr(earlier, name) for name in ("brief", "behaviours", "role_brief", "voice")}
    return {
        "brief": api_schemas.scenario(scenario).model_dump(mode="json"),
        "behaviours": scenario.skill_behaviours(),
        "role_brief": scenario.ai_persona_brief,
        "voice": voices.voice_of(scenario),
    }

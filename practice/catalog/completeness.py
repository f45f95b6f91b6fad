"""What a scenario must have before it can be published and started, field by field."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coach.text import is_blank
from practice.models import Scenario, Skill


@dataclass(frozen=True)
class FieldProblem:
    """A problem with one field, named as in the API (`aiPersona.name`), for the person who can correct it."""

    field: str
    message: str | Promise


REQUIRED_TEXTS: dict[str, tuple[str, str | Promise]] = {
    "ai_persona_name": ("aiPersona.name", _("Give the other person a name.")),
    "ai_persona_background": (
        "aiPersona.background",
        _("Say who the other person is, what they want and what reaches them."),
    ),
    "trainee_persona_name": ("traineePersona.name", _("Give the trainee a name in this story.")),
    "trainee_persona_background": ("traineePersona.background", _("Say who the trainee is in this story.")),
    "objective": ("objective", _("Say what the trainee is trying to achieve.")),
}
"""Model field → the API's name for it, and the message when it is empty."""

ATTRIBUTES = {name: attribute for attribute, (name, _message) in REQUIRED_TEXTS.items()} | {
    "endCriteria": "end_criteria"
}
"""The API's name → model field, for showing a problem beside the field."""

NO_END_CRITERION = FieldProblem("endCriteria", _("Add at least one sentence that says when the conversation is over."))
NO_SKILL = FieldProblem("skills", _("Choose at least one skill that exists."))


def missing(scenario: Scenario, skills: Iterable[Skill] | None = None) -> list[FieldProblem]:
    """What prevents a scenario from being published or started; empty if it is complete.

    `skills`: the ones it will have, if they are not stored yet.
    """
    problems = [
        FieldProblem(name, message)
        for attribute, (name, message) in REQUIRED_TEXTS.items()
        if is_blank(getattr(scenario, attribute))
    ]
    if not any(isinstance(line, str) and not is_blank(line) for line in scenario.end_criteria or []):
        problems.append(NO_END_CRITERION)
    chosen = scenario.ordered_skills() if skills is None else list(skills)
    if not any(skill.deleted_at is None for skill in chosen):
        problems.append(NO_SKILL)
    problems += [
        FieldProblem(
            "skills", _("The skill “%(name)s” has been deleted: restore it or take it out.") % {"name": skill.name}
        )
        for skill in chosen
        if skill.deleted_at is not None
    ]
    return problems

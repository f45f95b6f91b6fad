"""What curators do to a whole skill or scenario: publish, unpublish, delete, restore, duplicate.

Each verb locks the row, saves it as its next version and returns it; `EditRefused` says why it cannot.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coach.ids import new_id
from practice.catalog import availability, change_history, completeness
from practice.catalog.completeness import FieldProblem
from practice.lifecycle import ScenarioStatus
from practice.models import Scenario, ScenarioSkill, Skill

RecordT = TypeVar("RecordT", Skill, Scenario)


class EditRefused(Exception):
    """The rules do not allow it; `problems` say why, per field where possible."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        self.problems = problems
        super().__init__(" ".join(str(problem.message) for problem in problems))


def publish(scenario: Scenario) -> Scenario:
    """Publish a complete scenario. Raises EditRefused with everything that is missing."""

    def check(row: Scenario) -> list[FieldProblem]:
        if row.deleted_at is not None:
            return [FieldProblem("", _("This is deleted: restore it first."))]
        return completeness.missing(row)

    return _change(scenario, check, status=ScenarioStatus.PUBLISHED)


def unpublish(scenario: Scenario) -> Scenario:
    """Remove a scenario from the catalogue. Running sessions go on."""
    return _change(scenario, lambda row: [], status=ScenarioStatus.DRAFT)


def delete(record: RecordT, *, now: datetime) -> RecordT:
    """Delete in a way that can be undone. Raises EditRefused while something depends on the record."""
    return _change(record, in_the_way, deleted_at=now)


def restore(record: RecordT) -> RecordT:
    """Undelete a record; a scenario comes back as a draft. Raises EditRefused if its name is taken by another."""

    def check(row: RecordT) -> list[FieldProblem]:
        name = "name" if isinstance(row, Skill) else "title"
        value = getattr(row, name)
        if type(row).objects.filter(**{name: value}, deleted_at=None).exclude(pk=row.pk).exists():
            words = _("“%(name)s” is already the name of another one: rename that one first.")
            return [FieldProblem(name, words % {"name": value})]
        return []

    values: dict[str, object] = {"status": ScenarioStatus.DRAFT} if isinstance(record, Scenario) else {}
    return _change(record, check, deleted_at=None, **values)


def in_the_way(record: Skill | Scenario) -> list[FieldProblem]:
    """What prevents a record from being deleted, naming it."""
    if isinstance(record, Skill):
        titles = [f"“{scenario.title}”" for scenario in availability.published_with(record)]
        if titles:
            words = _(
                "Published scenarios use “%(skill)s”: %(scenarios)s. Take it out of them or unpublish them first."
            )
            return [FieldProblem("", words % {"skill": record.name, "scenarios": ", ".join(titles)})]
        return []
    count = record.sessions.count()
    if count:
        words = ngettext(
            "“%(title)s” has %(count)d practice session, which would lose its scenario. Unpublish it instead.",
            "“%(title)s” has %(count)d practice sessions, which would lose their scenario. Unpublish it instead.",
            count,
        )
        return [FieldProblem("", words % {"title": record.title, "count": count})]
    return []


@transaction.atomic
def duplicate(record: RecordT) -> RecordT:
    """A copy with a new key and name; a copied scenario is a draft."""
    copied = type(record).objects.get(pk=record.pk)
    copied.pk, copied.version, copied.deleted_at = new_id(), 1, None
    copied._state.adding = True
    if isinstance(copied, Scenario):
        copied.title = _free_name(Scenario, "title", copied.title)
        copied.external_id = new_key(Scenario, copied.title)
        copied.status = ScenarioStatus.DRAFT
    else:
        copied.name = _free_name(Skill, "name", copied.name)
        copied.external_id = new_key(Skill, copied.name)
    copied.save(force_insert=True)
    if isinstance(record, Scenario) and isinstance(copied, Scenario):
        arrange_skills(copied, record.ordered_skills())
    return copied


def new_key(model: type[Skill] | type[Scenario], name: str) -> str:
    """An unused external id derived from a name."""
    stem = slugify(name, allow_unicode=True)[:70] or model.__name__.lower()
    taken = set(model.objects.filter(external_id__startswith=stem).values_list("external_id", flat=True))
    return next(key for key in _numbered(stem, "-") if key not in taken)


def arrange_skills(scenario: Scenario, skills: list[Skill]) -> None:
    """Set the skills of a scenario, in this order."""
    before = [link.skill.name for link in ScenarioSkill.objects.filter(scenario=scenario).select_related("skill")]
    scenario.scenarioskill_set.exclude(skill__in=skills).delete()
    for position, skill in enumerate(skills, start=1):
        ScenarioSkill.objects.update_or_create(scenario=scenario, skill=skill, defaults={"position": position})
    change_history.skills_changed(scenario, before, [skill.name for skill in skills])


def _free_name(model: type[Model], field: str, name: str) -> str:
    taken = set(model._default_manager.filter(deleted_at=None).values_list(field, flat=True))
    stem = _("%(name)s (copy)") % {"name": name[:100]}
    return next(free for free in _numbered(stem, " ") if free not in taken)


def _numbered(stem: str, separator: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}{separator}{number}"
        number += 1


@transaction.atomic
def _change(record: RecordT, check: Callable[[RecordT], list[FieldProblem]], **values: object) -> RecordT:
    row = type(record).objects.select_for_update().get(pk=record.pk)
    if all(getattr(row, name) == value for name, value in values.items()):
        return row
    problems = check(row)
    if problems:
        raise EditRefused(problems)
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    return row

"""Imports skills and scenarios from files into the catalog: everything or, if anything is wrong, nothing."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from coach.config import ROOT
from practice.catalog import availability, completeness, end_criteria
from practice.catalog.curation import arrange_skills
from practice.lifecycle import ScenarioStatus
from practice.models import Scenario, Skill
from practice.persona.brief.role_brief_faults import meets_faults
from practice.seed_data.seed_faults import did_you_mean
from practice.seed_data.seed_fields import clean, file_name_of
from practice.seed_data.seed_format import (
    BRIEF_FIELD,
    ScenarioRecord,
    SeedEntry,
    SeedFile,
    SeedProblem,
    SkillRecord,
    parse,
    read,
)

SHIPPED_SKILLS = ROOT / "seed-data" / "skills.json"
SHIPPED_SCENARIOS = ROOT / "seed-data" / "scenarios.json"


class SeedOutcome(StrEnum):
    CREATED = _noop("created")
    UPDATED = _noop("updated")
    UNCHANGED = _noop("unchanged")
    DELETED = _noop("deleted")
    """A curator deleted the record; the import leaves it deleted."""


@dataclass(frozen=True)
class Change:
    """The outcome for one record; `fields` are those that changed, as named in the file."""

    kind: str
    key: str
    outcome: SeedOutcome
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        line = f"{self.outcome:<9} {self.kind} {self.key}"
        if self.outcome is SeedOutcome.DELETED:
            return f"{line}: a curator deleted it and it stays so (restore it in the admin)"
        return line + (f": {', '.join(self.fields)}" if self.outcome is SeedOutcome.UPDATED else "")


@dataclass
class Report:
    """The result of an import, record by record, in the order of the files."""

    changes: list[Change] = field(default_factory=list)

    def count(self, kind: str) -> int:
        return sum(change.kind == kind and change.outcome is not SeedOutcome.DELETED for change in self.changes)

    def __str__(self) -> str:
        return f"Seed complete: {self.count('skill')} skills, {self.count('scenario')} scenarios"


class SeedRefused(Exception):
    """Nothing was written; `problems` lists every reason."""

    def __init__(self, problems: Iterable[SeedProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


def seed_paths(skills: Path | None, scenarios: Path | None, *, dry_run: bool = False) -> Report:
    """Import files from disk; see `seed`."""
    return seed(_load(skills, SkillRecord), _load(scenarios, ScenarioRecord), dry_run=dry_run)


def seed(
    skills: SeedFile[SkillRecord] | None,
    scenarios: SeedFile[ScenarioRecord] | None,
    *,
    dry_run: bool = False,
    keep_rubrics_in_use: bool = False,
) -> Report:
    """Create or update by `externalId`, in one transaction. Raises SeedRefused with every problem and writes nothing.

    A field missing from the file gets its default in a new record and keeps its value in an existing one. A deleted
    record stays deleted. `keep_rubrics_in_use` refuses to change a rubric that a published scenario uses.
    """
    try:
        with transaction.atomic():
            report = _Import(skills, scenarios, keep_rubrics_in_use).run()
            if dry_run:
                transaction.set_rollback(True)
    except IntegrityError:
        files = ", ".join(file.name for file in (skills, scenarios) if file)
        message = _("somebody changed the catalogue at the same moment; nothing was written, import it again")
        raise SeedRefused([SeedProblem(files, None, "", "", message)]) from None
    return report


def seed_if_empty() -> Report | None:
    """Import the shipped library if there was never a skill or scenario; None if there was."""
    if Skill.objects.exists() or Scenario.objects.exists():
        return None
    return seed_paths(SHIPPED_SKILLS, SHIPPED_SCENARIOS)


RecordT = TypeVar("RecordT", SkillRecord, ScenarioRecord)


def _load(path: Path | None, shape: type[RecordT]) -> SeedFile[RecordT] | None:
    if path is None:
        return None
    try:
        return parse(str(path), read(path), shape)
    except OSError as error:
        problem = SeedProblem(
            str(path), None, "", "", _("cannot be read: %(reason)s") % {"reason": error.strerror or error}
        )
        return SeedFile(str(path), [], [problem], frozenset())


@dataclass
class _Planned:
    """A record, its future row (a copy, saved once everything has been checked) and the changes."""

    entry: SeedEntry[Any]
    row: Any
    is_new: bool
    fields: tuple[str, ...]
    skills: list[Skill] | None = None

    @property
    def outcome(self) -> SeedOutcome:
        if self.row.deleted_at is not None:
            return SeedOutcome.DELETED
        if self.is_new:
            return SeedOutcome.CREATED
        return SeedOutcome.UPDATED if self.fields else SeedOutcome.UNCHANGED


class _Import:
    def __init__(
        self, skills: SeedFile[SkillRecord] | None, scenarios: SeedFile[ScenarioRecord] | None, keep_rubrics: bool
    ) -> None:
        self.skill_file = skills or SeedFile("", [], [], frozenset())
        self.scenario_file = scenarios or SeedFile("", [], [], frozenset())
        self.keep_rubrics = keep_rubrics
        self.problems = [*self.skill_file.problems, *self.scenario_file.problems]

    def run(self) -> Report:
        stored_skills = {row.external_id: row for row in Skill.objects.select_for_update()}
        stored_scenarios = {
            row.external_id: row
            for row in Scenario.objects.select_for_update().prefetch_related("scenarioskill_set__skill")
        }
        skills = [_plan(entry, stored_skills, Skill) for entry in self.skill_file.entries]
        scenarios = [_plan(entry, stored_scenarios, Scenario) for entry in self.scenario_file.entries]
        self._check_unique(self.skill_file.name, "name", skills, stored_skills)
        self._check_unique(self.scenario_file.name, "title", scenarios, stored_scenarios)
        if self.keep_rubrics:
            self._check_rubrics(skills)
        self._choose_skills(scenarios, stored_skills | {plan.row.external_id: plan.row for plan in skills})
        self._check_complete(scenarios)
        self._check_briefs(scenarios)
        if self.problems:
            raise SeedRefused(self.problems)
        _write(skills, "name")
        _write(scenarios, "title")
        for plan in scenarios:
            if plan.skills is not None and plan.outcome in (SeedOutcome.CREATED, SeedOutcome.UPDATED):
                arrange_skills(plan.row, plan.skills)
        return Report(
            [Change("skill", plan.row.external_id, plan.outcome, plan.fields) for plan in skills]
            + [Change("scenario", plan.row.external_id, plan.outcome, plan.fields) for plan in scenarios]
        )

    def _check_unique(self, file: str, name: str, plans: list[_Planned], stored: Mapping[str, Any]) -> None:
        planned = {plan.row.external_id for plan in plans}
        taken = {
            getattr(row, name): _("%(key)s, which is in the catalogue") % {"key": key}
            for key, row in stored.items()
            if row.deleted_at is None and key not in planned
        }
        for plan in plans:
            if plan.row.deleted_at is not None or name in plan.entry.faulty:
                continue
            value = getattr(plan.row, name)
            if value in taken:
                self.problems.append(
                    plan.entry.problem(file, name, _("is the same as that of %(other)s") % {"other": taken[value]})
                )
            else:
                number = {"number": plan.entry.number, "key": plan.row.external_id}
                taken[value] = _("record %(number)s (%(key)s)") % number

    def _check_rubrics(self, plans: list[_Planned]) -> None:
        for plan in plans:
            users = [] if plan.is_new or "rubric" not in plan.fields else availability.published_with(plan.row)
            if users:
                words = _("published scenarios use it (%(titles)s): duplicate the skill instead")
                message = words % {"titles": _titles(users)}
                self.problems.append(plan.entry.problem(self.skill_file.name, "rubric", message))

    def _choose_skills(self, plans: list[_Planned], known: Mapping[str, Skill]) -> None:
        for plan in plans:
            keys = plan.entry.record.skills
            if not plan.is_new and "skills" not in plan.entry.record.model_fields_set:
                continue
            chosen = [known[key] for key in keys if key in known]
            for place, key in enumerate(keys, start=1):
                if key not in known and key not in self.skill_file.keys and self.skill_file.readable:
                    message = _('there is no skill "%(key)s"') % {"key": key} + did_you_mean(key, known)
                    self.problems.append(plan.entry.problem(self.scenario_file.name, f"skills[{place}]", message))
            before = [] if plan.is_new else [skill.external_id for skill in plan.row.ordered_skills()]
            if before != [skill.external_id for skill in chosen]:
                plan.skills = chosen
                plan.fields = (*plan.fields, "skills")

    def _check_complete(self, plans: list[_Planned]) -> None:
        faulty = {problem.record for problem in self.problems if problem.file == self.scenario_file.name}
        for plan in plans:
            row = plan.row
            if row.status != ScenarioStatus.PUBLISHED or row.deleted_at is not None:
                continue
            skills = plan.skills if plan.skills is not None else ([] if plan.is_new else row.ordered_skills())
            # A persona is read as a whole: the faulty field has already been reported.
            named = {field for one in plan.entry.faulty for field in (one, f"{one}.name", f"{one}.background")}
            for lack in completeness.missing(row, skills):
                if (lack.field == "skills" and plan.entry.number in faulty) or lack.field in named:
                    continue
                message = _("is needed because the status is published. %(why)s") % {"why": lack.message}
                self.problems.append(plan.entry.problem(self.scenario_file.name, lack.field, message))

    def _check_briefs(self, plans: list[_Planned]) -> None:
        """If a file has only the brief or only the end criteria, the other comes from the catalog."""
        for plan in plans:
            record, row = plan.entry.record, plan.row
            if {"aiPersona", "endCriteria"} & plan.entry.faulty:
                continue
            if "end_criteria" in record.model_fields_set and record.ai_persona.brief is not None:
                continue
            criteria = [line for line in row.end_criteria if isinstance(line, str)]
            failing = end_criteria.failing(criteria)
            for fault in meets_faults(row.ai_persona_brief, criteria=len(criteria), failing=failing):
                problem = plan.entry.problem(self.scenario_file.name, f"{BRIEF_FIELD}.{fault.field}", fault.message)
                if problem not in self.problems:
                    self.problems.append(problem)


def _plan(entry: SeedEntry[Any], stored: Mapping[str, Any], model: type[Skill] | type[Scenario]) -> _Planned:
    values = entry.record.given()
    before = stored.get(entry.record.external_id)
    row = model() if before is None else copy.copy(before)
    changed = tuple(name for name, value in values.items() if before is None or _kept(before, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    return _Planned(entry, row, is_new=before is None, fields=tuple(map(file_name_of, changed)))


def _kept(row: Any, name: str) -> Any:
    """A stored value as an import would store it, so that re-importing an export changes nothing."""
    value = getattr(row, name)
    if isinstance(value, list):
        return [clean(line) if isinstance(line, str) else line for line in value]
    return clean(value) if isinstance(value, str) else value


def _write(plans: list[_Planned], name: str) -> None:
    changed = [plan for plan in plans if plan.outcome in (SeedOutcome.CREATED, SeedOutcome.UPDATED)]
    wanted = [getattr(plan.row, name) for plan in changed if plan.is_new or name in plan.fields]
    if changed:
        # Two records may swap names: since the database checks row by row, the current holder is renamed temporarily.
        holders = type(changed[0].row).objects.filter(**{f"{name}__in": wanted}, deleted_at=None)
        holders.update(**{name: Concat(Value("…"), F("pk"))})
    for plan in changed:
        if not plan.is_new:
            plan.row.version += 1
        plan.row.save(force_insert=plan.is_new)


def _titles(scenarios: Iterable[Scenario]) -> str:
    return ", ".join(f"“{scenario.title}”" for scenario in scenarios)

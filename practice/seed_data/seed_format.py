"""The seed format: lists of skills and scenarios as JSON. Reading reports every fault; writing gives the same format.

The fields are described in `seed-data/README.md`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from practice.catalog import end_criteria
from practice.catalog.behaviours import BehaviourRecords
from practice.models import Scenario, Skill
from practice.models.catalog import HARD_PART_CHARACTERS_MAX, LIMIT_SECONDS_MAX
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.brief.role_brief_faults import reference_faults
from practice.seed_data.seed_faults import explain, quoted
from practice.seed_data.seed_fields import (
    TEXT_CHARACTERS_MAX,
    Filled,
    Kept,
    Key,
    Label,
    Line,
    PlainObject,
    SeedShape,
    Text,
    limited,
)
from practice.seed_data.seed_json import FILE_BYTES_MAX, UnreadableSeed, repeated_fields, rows_of

CRITERION_CHARACTERS_MAX = 1_000
LIST_MAX = 50
BRIEF_FIELD = "aiPersona.brief"


def _no_repeats(keys: list[str]) -> list[str]:
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise PydanticCustomError("repeated", _("names {keys} twice"), {"keys": quoted(repeated)})
    return keys


Criterion = Annotated[str, limited(CRITERION_CHARACTERS_MAX), Kept, Line, Filled]
Seconds = Annotated[int, Field(ge=1, le=LIMIT_SECONDS_MAX)]


class PersonaRecord(SeedShape):
    name: Annotated[str, limited(80), Kept, Line] = ""
    role: Annotated[str, limited(160), Kept, Line] = ""
    background: Text = ""


class AiPersonaRecord(PersonaRecord):
    """The other person's extra fields: how they sound, look and are played. Trainees see and hear what comes of them,
    never the fields."""

    voice: Annotated[str, limited(80), Kept, Line] = ""
    portrait: PlainObject = {}
    brief: RoleBrief | None = None

    def given(self) -> dict[str, Any]:
        values = super().given()
        if self.brief is not None:
            values["brief"] = self.brief.stored()
        return values


class SkillRecord(SeedShape):
    external_id: Key
    name: Annotated[str, limited(120), Kept, Line, Filled]
    category: Label
    rubric: Annotated[str, limited(TEXT_CHARACTERS_MAX), Kept, Filled]
    description: Text = ""
    behaviours: BehaviourRecords = []

    def given(self) -> dict[str, Any]:
        values = super().given()
        if "behaviours" in values:
            values["behaviours"] = [record.stored() for record in self.behaviours]
        return values


class ScenarioRecord(SeedShape):
    external_id: Key
    title: Annotated[str, limited(120), Kept, Line, Filled]
    category: Label
    description: Text = ""
    objective: Text = ""
    hard_part: Annotated[str, limited(HARD_PART_CHARACTERS_MAX), Kept, Line] = ""
    ai_persona: AiPersonaRecord = AiPersonaRecord()
    trainee_persona: PersonaRecord = PersonaRecord()
    end_criteria: Annotated[list[Criterion], Field(max_length=LIST_MAX)] = []
    skills: Annotated[list[Key], Field(max_length=LIST_MAX), AfterValidator(_no_repeats)] = []
    idle_limit_seconds: Seconds = 8
    duration_limit_seconds: Seconds = 300
    prompt: Text | None = ""
    language: Literal["en", "zh"] = "en"
    status: Literal["draft", "published"] = "draft"

    def given(self) -> dict[str, Any]:
        """As for any record, with personas flattened as in the model, and without `skills` (separate rows)."""
        values = super().given()
        values.pop("skills", None)
        for whose in ("ai_persona", "trainee_persona"):
            if persona := values.pop(whose, None):
                values |= {f"{whose}_{name}": value for name, value in persona.given().items()}
        if "prompt" in values:
            values["prompt"] = values["prompt"] or ""
        return values


RecordT = TypeVar("RecordT", SkillRecord, ScenarioRecord)


@dataclass(frozen=True)
class SeedProblem:
    """Why a file cannot be imported. `record` counts from 1; None if it concerns the whole file."""

    file: str
    record: int | None
    key: str
    field: str
    message: str

    def __str__(self) -> str:
        place = self.file
        if self.record is not None:
            place += f", record {self.record}" + (f" ({self.key})" if self.key else "")
        if self.field:
            place += f", {self.field}"
        return f"{place}: {self.message}"


@dataclass(frozen=True)
class SeedEntry(Generic[RecordT]):
    """A record and its place in the file.

    `faulty` names the fields that could not be read: they hold placeholders, so that all other faults of the record,
    and of records that refer to it, are reported in the same run.
    """

    number: int
    record: RecordT
    faulty: frozenset[str] = frozenset()

    def problem(self, file: str, field: str, message: str) -> SeedProblem:
        return SeedProblem(file, self.number, self.record.external_id, field, message)


@dataclass(frozen=True)
class SeedFile(Generic[RecordT]):
    """What could be read of a file, what could not, and every key it mentions, including those of faulty records."""

    name: str
    entries: Sequence[SeedEntry[RecordT]]
    problems: Sequence[SeedProblem]
    keys: frozenset[str]

    @property
    def readable(self) -> bool:
        """Whether its records are known at all: if not, nobody can say which keys are missing."""
        return all(problem.record is not None for problem in self.problems)


def read(path: Path) -> bytes:
    """The bytes of a file, at most one more than allowed. Raises OSError."""
    with path.open("rb") as file:
        return file.read(FILE_BYTES_MAX + 1)


def parse(name: str, content: bytes, shape: type[RecordT]) -> SeedFile[RecordT]:
    """Parse one file's content; never raises, whatever is in it."""
    try:
        rows = rows_of(content)
    except UnreadableSeed as fault:
        return SeedFile(name, [], [SeedProblem(name, None, "", "", str(fault))], frozenset())
    entries: list[SeedEntry[RecordT]] = []
    problems: list[SeedProblem] = []
    keys: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        key = row.get("externalId") if isinstance(row, dict) else None
        key = key.strip() if isinstance(key, str) else ""
        shown = key.encode("ascii", "backslashreplace").decode()[:80] if not key.isprintable() else key[:80]
        found = [SeedProblem(name, number, shown, field, message) for field, message in repeated_fields(row)]
        try:
            entries.append(SeedEntry(number, shape.model_validate(row)))
        except ValidationError as error:
            found += [SeedProblem(name, number, shown, *explain(fault, row, shape)) for fault in error.errors()]
            entries += _salvaged(number, row, shape, {fault["loc"][0] for fault in error.errors() if fault["loc"]})
        found += [SeedProblem(name, number, shown, field, message) for field, message in _brief_faults(row)]
        if key and keys.setdefault(key, number) != number:
            message = _("is already used by record %(number)s") % {"number": keys[key]}
            found.append(SeedProblem(name, number, shown, "externalId", message))
        problems += found
    return SeedFile(name, entries, problems, frozenset(keys))


def _salvaged(number: int, row: Any, shape: type[RecordT], faulty: set[int | str]) -> list[SeedEntry[RecordT]]:
    """What can be read of a faulty record, with placeholders for the rest; nothing if it is not an object."""
    if not isinstance(row, dict):
        return []
    read = {name: value for name, value in row.items() if name not in faulty}
    required = [to_camel(name) for name, field in shape.model_fields.items() if field.is_required()]
    stand_ins = {name: f"… {number}" for name in required if name not in read}
    record = shape.model_validate({**read, **stand_ins})
    return [SeedEntry(number, record, frozenset(map(str, faulty)))]


def _brief_faults(row: Any) -> list[tuple[str, str]]:
    """Faults in how the parts of a role brief refer to each other and to the same record's end criteria."""
    persona = row.get("aiPersona") if isinstance(row, dict) else None
    if not isinstance(persona, dict):
        return []
    criteria = row.get("endCriteria")
    listed = [line for line in criteria if isinstance(line, str)] if isinstance(criteria, list) else None
    faults = reference_faults(
        persona.get("brief"),
        criteria=None if listed is None else len(listed),
        failing=end_criteria.failing(listed or []),
    )
    return [(f"{BRIEF_FIELD}.{fault.field}", fault.message) for fault in faults]


def skill_record(skill: Skill) -> dict[str, Any]:
    return {
        "externalId": skill.external_id,
        "name": skill.name,
        "category": skill.category,
        "description": skill.description,
        "rubric": skill.rubric,
        "behaviours": skill.behaviours,
    }


def scenario_record(scenario: Scenario) -> dict[str, Any]:
    return {
        "externalId": scenario.external_id,
        "status": scenario.status,
        "language": scenario.language,
        "category": scenario.category,
        "title": scenario.title,
        "description": scenario.description,
        "objective": scenario.objective,
        **({"hardPart": scenario.hard_part} if scenario.hard_part else {}),
        "aiPersona": scenario.ai_persona | _played(scenario),
        "traineePersona": scenario.trainee_persona,
        "endCriteria": scenario.end_criteria,
        "skills": [skill.external_id for skill in scenario.ordered_skills()],
        "idleLimitSeconds": scenario.idle_limit_seconds,
        "durationLimitSeconds": scenario.duration_limit_seconds,
        "prompt": scenario.prompt,
    }


def _played(scenario: Scenario) -> dict[str, Any]:
    """Voice, portrait and role brief of the other person, if present."""
    values = {
        "voice": scenario.ai_persona_voice,
        "portrait": scenario.ai_persona_portrait,
        "brief": scenario.ai_persona_brief,
    }
    return {name: value for name, value in values.items() if value}


def write(records: Iterable[dict[str, Any]]) -> str:
    """A complete file, in the layout of the shipped ones."""
    return json.dumps(list(records), ensure_ascii=False, indent=2) + "\n"

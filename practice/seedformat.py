"""The seed format: lists of skills and scenarios as JSON, read with every fault named and written back the same.

The fields are described in `seed-data/README.md`.
"""

import difflib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, PydanticCustomError

from practice.behaviours import BehaviourRecord, BehaviourRecords
from practice.models import Scenario, Skill
from practice.models.catalog import LIMIT_SECONDS_MAX

FILE_BYTES_MAX = 5 * 1024 * 1024
TEXT_CHARACTERS_MAX = 10_000
CRITERION_CHARACTERS_MAX = 1_000
LIST_MAX = 50


def clean(text: str) -> str:
    """Text as it is kept: no white space around it, lines end in a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _storable(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError("nul", "contains a NUL character")
    return clean(text)


def _one_line(text: str) -> str:
    if "\n" in text:
        raise PydanticCustomError("line_break", "must be a single line")
    return text


def _no_repeats(keys: list[str]) -> list[str]:
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise PydanticCustomError("repeated", "names {keys} twice", {"keys": _quoted(repeated)})
    return keys


Kept = AfterValidator(_storable)
Line = AfterValidator(_one_line)
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), Kept, Line]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), Kept, Line]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=TEXT_CHARACTERS_MAX), Kept]
Criterion = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=CRITERION_CHARACTERS_MAX), Kept, Line
]
Seconds = Annotated[int, Field(ge=1, le=LIMIT_SECONDS_MAX)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)

    def given(self) -> dict[str, Any]:
        """Model field → value, for the fields that the file names."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


class PersonaRecord(_Shape):
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80), Kept, Line] = ""
    role: Annotated[str, StringConstraints(strip_whitespace=True, max_length=160), Kept, Line] = ""
    background: Text = ""


class SkillRecord(_Shape):
    external_id: Key
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), Kept, Line]
    category: Label
    rubric: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_CHARACTERS_MAX), Kept]
    description: Text = ""
    behaviours: BehaviourRecords = []

    def given(self) -> dict[str, Any]:
        values = super().given()
        if "behaviours" in values:
            values["behaviours"] = [record.stored() for record in self.behaviours]
        return values


class ScenarioRecord(_Shape):
    external_id: Key
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), Kept, Line]
    category: Label
    description: Text = ""
    objective: Text = ""
    ai_persona: PersonaRecord = PersonaRecord()
    trainee_persona: PersonaRecord = PersonaRecord()
    end_criteria: Annotated[list[Criterion], Field(max_length=LIST_MAX)] = []
    skills: Annotated[list[Key], Field(max_length=LIST_MAX), AfterValidator(_no_repeats)] = []
    idle_limit_seconds: Seconds = 8
    duration_limit_seconds: Seconds = 300
    prompt: Text | None = ""
    language: Literal["en", "zh"] = "en"
    status: Literal["draft", "published"] = "draft"

    def given(self) -> dict[str, Any]:
        """As for any record, with personas flattened as the model has them, without `skills` (rows of their own)."""
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
class Problem:
    """Why a file cannot be imported. `record` counts from 1; None where the file as a whole is meant."""

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
class Entry(Generic[RecordT]):
    """A record and its place in the file."""

    number: int
    record: RecordT

    def problem(self, file: str, field: str, message: str) -> Problem:
        return Problem(file, self.number, self.record.external_id, field, message)


@dataclass(frozen=True)
class SeedFile(Generic[RecordT]):
    """What could be read of a file, what could not, and every key that it mentions, in faulty records too."""

    name: str
    entries: Sequence[Entry[RecordT]]
    problems: Sequence[Problem]
    keys: frozenset[str]


def read(path: Path) -> bytes:
    """The bytes of a file, one more than allowed at most. Raises OSError."""
    with path.open("rb") as file:
        return file.read(FILE_BYTES_MAX + 1)


def parse(name: str, content: bytes, shape: type[RecordT]) -> SeedFile[RecordT]:
    """Read one file's content; never raises for what is in it."""
    try:
        rows = _rows(content)
    except _Unreadable as fault:
        return SeedFile(name, [], [Problem(name, None, "", "", str(fault))], frozenset())
    entries: list[Entry[RecordT]] = []
    problems: list[Problem] = []
    keys: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        key = row.get("externalId") if isinstance(row, dict) else None
        key = key.strip() if isinstance(key, str) else ""
        shown = key.encode("ascii", "backslashreplace").decode()[:80] if not key.isprintable() else key[:80]
        found = [Problem(name, number, shown, field, message) for field, message in _repeated_fields(row)]
        try:
            entries.append(Entry(number, shape.model_validate(row)))
        except ValidationError as error:
            found += [Problem(name, number, shown, *_explain(fault, row, shape)) for fault in error.errors()]
        if key and keys.setdefault(key, number) != number:
            found.append(Problem(name, number, shown, "externalId", f"is already used by record {keys[key]}"))
        problems += found
    return SeedFile(name, entries, problems, frozenset(keys))


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
        "aiPersona": scenario.ai_persona,
        "traineePersona": scenario.trainee_persona,
        "endCriteria": scenario.end_criteria,
        "skills": [skill.external_id for skill in scenario.ordered_skills()],
        "idleLimitSeconds": scenario.idle_limit_seconds,
        "durationLimitSeconds": scenario.duration_limit_seconds,
        "prompt": scenario.prompt,
    }


def write(records: Iterable[dict[str, Any]]) -> str:
    """A whole file, in the layout of the shipped ones."""
    return json.dumps(list(records), ensure_ascii=False, indent=2) + "\n"


class _Unreadable(Exception):
    """The content is not a list of anything."""


class _Object(dict[str, Any]):
    """A JSON object that remembers which names were given more than once."""

    repeated: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        made.repeated = tuple(sorted({name for name in names if names.count(name) > 1}))
    return made


def _refuse_constant(name: str) -> None:
    raise _Unreadable(f"is not JSON: {name} is not a JSON value")


def _rows(content: bytes) -> list[Any]:
    if len(content) > FILE_BYTES_MAX:
        raise _Unreadable(f"is larger than {FILE_BYTES_MAX // 1024 // 1024} MiB: split it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unreadable(f"is not UTF-8 (byte {error.start + 1}): save it as UTF-8") from None
    if not text.strip():
        raise _Unreadable("is empty: a list of records is expected, [] for none")
    try:
        rows = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _Unreadable(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _Unreadable("is not a list of records: it is nested too deeply") from None
    except ValueError:
        raise _Unreadable("is not JSON that can be read: it holds a number with too many digits") from None
    if not isinstance(rows, list):
        raise _Unreadable(f"must be a list of records, not {_kind(rows)}")
    return rows


def _repeated_fields(row: Any) -> list[tuple[str, str]]:
    if not isinstance(row, _Object):
        return []
    found = [(name, "is given twice") for name in row.repeated]
    for name, value in row.items():
        found += [(f"{name}.{field}", message) for field, message in _repeated_fields(value)]
    return found


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is required",
    "string_type": lambda _: "must be text",
    "string_unicode": lambda _: "contains half of a surrogate pair, which is not text",
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda context: f"must be at most {context['max_length']} characters",
    "int_type": lambda _: "must be a whole number",
    "greater_than_equal": lambda context: f"must be at least {context['ge']}",
    "less_than_equal": lambda context: f"must be at most {context['le']}",
    "list_type": lambda _: "must be a list",
    "too_long": lambda context: f"must have at most {context['max_length']} entries",
    "too_short": lambda _: "must not be empty",
    "literal_error": lambda context: f"must be {context['expected']}",
    "model_type": lambda _: "must be an object",
}


def _explain(fault: ErrorDetails, row: Any, shape: type[_Shape]) -> tuple[str, str]:
    """Field (as the file would name it) and message of one of pydantic's errors."""
    path = fault["loc"]
    field = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
    field = field.encode("utf-8", "backslashreplace").decode()
    if fault["type"] == "extra_forbidden":
        records: dict[int, type[BaseModel]] = {1: shape, 2: PersonaRecord, 3: BehaviourRecord}
        known = records[min(len(path), 3)]
        return field, "is not a known field" + did_you_mean(str(path[-1]), map(to_camel, known.model_fields))
    if fault["type"] == "model_type" and not path:
        return "", f"must be an object, not {_kind(row)}"
    words = _WORDS.get(fault["type"])
    return field, words(fault.get("ctx", {})) if words else fault["msg"]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.7)
    return f" (did you mean {close[0]}?)" if close else ""


def _quoted(keys: Iterable[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "null")

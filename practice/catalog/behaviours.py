"""Behaviours: what a skill looks for in a talk, one observable thing each, with example lines.

A skill has none (it is rated by its rubric alone) or 4 to 8. Trainees see key, text and kind before the talk; the
example lines are for the evaluator. The fields are described in `seed-data/README.md`.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, TypedDict

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError

FEWEST, MOST = 4, 8
KEY_MAX = 80
TEXT_MAX = 200
LINE_MAX = 300
LINES_MAX = 8

_KEY = re.compile(r"[^\W_]+(?:[-_][^\W_]+)*")


class BehaviourKind(StrEnum):
    DO = "do"
    AVOID = "avoid"


class StoredBehaviour(TypedDict):
    """A behaviour as stored in files, database and mirror."""

    key: str
    text: str
    kind: str
    shown: list[str]
    notShown: list[str]


class BehaviourOutline(TypedDict):
    """The part of a behaviour that a trainee may see before the talk."""

    key: str
    text: str
    kind: str


def _one_line(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError("nul", _("contains a NUL character"))
    if "\n" in text or "\r" in text:
        raise PydanticCustomError("line_break", _("must be a single line"))
    return text


def _plain_key(key: str) -> str:
    if key and not _KEY.fullmatch(key):
        raise PydanticCustomError("key", _("may hold letters, digits and single hyphens, such as names-the-event"))
    return key


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LINE_MAX), AfterValidator(_one_line)
]


class BehaviourRecord(BaseModel):
    """One behaviour of a seed file. `shown` lines show it; `notShown` lines look like it and do not."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)

    key: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=KEY_MAX), AfterValidator(_plain_key)
    ]
    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_MAX), AfterValidator(_one_line)
    ]
    kind: Literal["do", "avoid"]
    shown: Annotated[list[Line], Field(min_length=1, max_length=LINES_MAX)]
    not_shown: Annotated[list[Line], Field(max_length=LINES_MAX)] = []

    def stored(self) -> StoredBehaviour:
        return {
            "key": self.key,
            "text": self.text,
            "kind": self.kind,
            "shown": list(self.shown),
            "notShown": list(self.not_shown),
        }


def _as_a_whole(records: list[BehaviourRecord]) -> list[BehaviourRecord]:
    """Rules about more than one field; each violation is reported at its own place."""
    faults: list[tuple[tuple[int | str, ...], str]] = []
    if records and not FEWEST <= len(records) <= MOST:
        counts = {"fewest": FEWEST, "most": MOST, "count": len(records)}
        faults.append(((), _("must have %(fewest)s to %(most)s entries, or none; it has %(count)s") % counts))
    if records and all(record.kind == BehaviourKind.AVOID for record in records):
        faults.append(((), _('must have at least one behaviour of kind "do"')))
    for name in ("key", "text"):
        first: dict[str, int] = {}
        for at, record in enumerate(records):
            earlier = first.setdefault(getattr(record, name).casefold(), at)
            if earlier != at:
                faults.append(((at, name), _("is the same as that of behaviour %(number)s") % {"number": earlier + 1}))
    for at, record in enumerate(records):
        seen: dict[str, str] = {}
        for name, lines in (("shown", record.shown), ("notShown", record.not_shown)):
            for number, line in enumerate(lines):
                place = f"{name}[{number + 1}]"
                if (earlier_place := seen.setdefault(line.casefold(), place)) != place:
                    faults.append(((at, name, number), _("is the same line as %(place)s") % {"place": earlier_place}))
    if faults:
        raise ValidationError.from_exception_data(
            "behaviours",
            [
                InitErrorDetails(type=PydanticCustomError("behaviours", message), loc=loc, input=None)  # type: ignore[arg-type]
                for loc, message in faults
            ],
        )
    return records


def _none_is_empty(value: Any) -> Any:
    return [] if value is None else value


BehaviourRecords = Annotated[list[BehaviourRecord], BeforeValidator(_none_is_empty), AfterValidator(_as_a_whole)]

_records = TypeAdapter(BehaviourRecords)


def read(value: Any) -> list[StoredBehaviour]:
    """Validate behaviours from outside and return them as stored.

    Raises pydantic's ValidationError with every fault.
    """
    return [record.stored() for record in _records.validate_python(value)]


def outlines(stored: Sequence[Mapping[str, Any]]) -> list[BehaviourOutline]:
    return [{"key": one["key"], "text": one["text"], "kind": one["kind"]} for one in stored]


def told(stored: Sequence[Mapping[str, Any]]) -> str:
    """Behaviours as lines of text, for the audit log."""
    lines = []
    for one in stored:
        lines.append(f"{one['kind']}: {one['text']}")
        lines += [f"  + {line}" for line in one["shown"]]
        lines += [f"  - {line}" for line in one["notShown"]]
    return "\n".join(lines)

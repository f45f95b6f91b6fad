"""The field types of the seed format, and the base of its records: strict, camelCase, read-only."""

import json
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from coach.text import is_blank

TEXT_CHARACTERS_MAX = 10_000


def clean(text: str) -> str:
    """Text as stored: no surrounding white space, lines end in a line feed; empty if nothing in it is visible."""
    return "" if is_blank(text) else text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _storable(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError("nul", _("contains a NUL character"))
    return clean(text)


def _one_line(text: str) -> str:
    if "\n" in text:
        raise PydanticCustomError("line_break", _("must be a single line"))
    return text


def _filled(text: str) -> str:
    if not text:
        raise PydanticCustomError("string_too_short", _("must not be empty"))
    return text


Kept = AfterValidator(_storable)
Line = AfterValidator(_one_line)
Filled = AfterValidator(_filled)


def limited(characters: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, max_length=characters)


Key = Annotated[str, limited(80), Kept, Line, Filled]
Label = Annotated[str, limited(80), Kept, Line, Filled]
Text = Annotated[str, limited(TEXT_CHARACTERS_MAX), Kept]


def _plain_object(value: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):
        raise PydanticCustomError("not_json", _("holds something that cannot be stored")) from None
    if "\\u0000" in text or len(text) > TEXT_CHARACTERS_MAX:
        raise PydanticCustomError("not_json", _("holds something that cannot be stored"))
    return value


PlainObject = Annotated[dict[str, Any], AfterValidator(_plain_object)]
"""Any JSON object that every database can store, at most 10,000 characters long."""


class SeedShape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)

    def given(self) -> dict[str, Any]:
        """Model field → value, for the fields present in the file."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


def file_name_of(attribute: str) -> str:
    """`ai_persona_name` → `aiPersona.name`, as in files and API."""
    for whose in ("ai_persona", "trainee_persona"):
        if attribute.startswith(f"{whose}_"):
            return f"{to_camel(whose)}.{to_camel(attribute.removeprefix(f'{whose}_'))}"
    return to_camel(attribute)

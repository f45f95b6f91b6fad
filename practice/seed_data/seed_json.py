"""Reads a seed file as JSON: a list of records, with repeated names detected."""

import json
from typing import Any

from django.utils.translation import gettext as _

from practice.seed_data.seed_faults import kind_of

FILE_BYTES_MAX = 5 * 1024 * 1024


class UnreadableSeed(Exception):
    """The content is not a list of records."""


class SeedObject(dict[str, Any]):
    """A JSON object that remembers which names were given more than once."""

    repeated: tuple[str, ...] = ()


def _seed_object(pairs: list[tuple[str, Any]]) -> SeedObject:
    made = SeedObject(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        made.repeated = tuple(sorted({name for name in names if names.count(name) > 1}))
    return made


def _refuse_constant(name: str) -> None:
    raise UnreadableSeed(_("is not JSON: %(name)s is not a JSON value") % {"name": name})


def rows_of(content: bytes) -> list[Any]:
    """The records of a file, not yet checked. Raises UnreadableSeed."""
    if len(content) > FILE_BYTES_MAX:
        raise UnreadableSeed(_("is larger than %(limit)s MiB: split it") % {"limit": FILE_BYTES_MAX // 1024 // 1024})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableSeed(_("is not UTF-8 (byte %(byte)s): save it as UTF-8") % {"byte": error.start + 1}) from None
    if not text.strip():
        raise UnreadableSeed(_("is empty: a list of records is expected, [] for none"))
    try:
        rows = json.loads(text, object_pairs_hook=_seed_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = {"fault": error.msg, "line": error.lineno, "column": error.colno}
        raise UnreadableSeed(_("is not JSON, at line %(line)s, column %(column)s (%(fault)s)") % place) from None
    except RecursionError:
        raise UnreadableSeed(_("is not a list of records: it is nested too deeply")) from None
    except ValueError:
        raise UnreadableSeed(_("is not JSON that can be read: it holds a number with too many digits")) from None
    if not isinstance(rows, list):
        raise UnreadableSeed(_("must be a list of records, not %(kind)s") % {"kind": kind_of(rows)})
    return rows


def repeated_fields(row: Any) -> list[tuple[str, str]]:
    """Path and message for every name that occurs twice in an object of the record."""
    if isinstance(row, list):
        inner = [(f"[{number}]", value) for number, value in enumerate(row, 1)]
    elif isinstance(row, SeedObject):
        inner = [(f".{name}", value) for name, value in row.items()]
    else:
        return []
    found = [(name, _("is given twice")) for name in getattr(row, "repeated", ())]
    for step, value in inner:
        for field, message in repeated_fields(value):
            found.append((f"{step}{field if field.startswith('[') else f'.{field}'}".lstrip("."), message))
    return found

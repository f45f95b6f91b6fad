"""Converts odd values to what a JSON Schema asks for if their meaning is clear; all others are left unchanged.

A rating `"4"` or `4.0` becomes 4; `"4 or 5"` and `4.5` stay and are refused by the later check.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

_WHOLE = re.compile(
    r"[\[(#]?\s*(?:turn|line|sequence|no\.?|第)?\s*[:#]?\s*([+-]?\d{1,9})(?:\.0+)?\s*(?:轮|句|分|[\])])?", re.IGNORECASE
)
_OF_FIVE = re.compile(r"\s*(?:/|out of|von)\s*5\s*", re.IGNORECASE)
_EXPLAINED = re.compile(r"\s*[-–—:(（,][^\d]*")
_YES, _NO = {"true", "yes", "是"}, {"false", "no", "否"}
_NOTHING = {"", "null", "none", "n/a"}
_DEPTH = 12


def repaired(value: Any, schema: Mapping[str, Any], depth: int = 0) -> Any:
    """`value` as `schema` asks for it, as far as its meaning is clear."""
    if depth > _DEPTH:
        return value
    if isinstance(schema.get("anyOf"), Sequence):
        return _any_of(value, [each for each in schema["anyOf"] if isinstance(each, Mapping)], depth)
    given = schema.get("type")
    types = [given] if isinstance(given, str) else list(given or ())
    if value is None or not types:
        return value
    if isinstance(value, str) and "null" in types and "string" not in types and value.strip().lower() in _NOTHING:
        return None
    if "object" in types:
        return _object(_decoded(value, Mapping), schema, depth)
    if "array" in types:
        return _array(_decoded(value, list), schema, depth)
    if "boolean" in types:
        return _boolean(value)
    if "integer" in types:
        return _integer(value, schema)
    if "number" in types:
        return _number(value)
    return _string(value, schema) if "string" in types else value


def key_in(name: str, known: Mapping[str, Any]) -> str:
    """The key of `known` that is meant: `skill_id` means `skillId`."""
    if name in known:
        return name
    meant = [each for each in known if _folded(each) == _folded(name)]
    return meant[0] if len(meant) == 1 else name


def _any_of(value: Any, schemas: list[Mapping[str, Any]], depth: int) -> Any:
    for schema in schemas:
        found = repaired(value, schema, depth + 1)
        if _is_of(found, schema):
            return found
    return value


def _is_of(value: Any, schema: Mapping[str, Any]) -> bool:
    kinds = {"object": Mapping, "array": list, "string": str, "integer": int, "number": int | float, "boolean": bool}
    given = schema.get("type")
    types = [given] if isinstance(given, str) else list(given or ())
    if isinstance(value, bool):
        return "boolean" in types
    return (value is None and "null" in types) or any(isinstance(value, kinds[t]) for t in types if t in kinds)


def _object(value: Any, schema: Mapping[str, Any], depth: int) -> Any:
    if not isinstance(value, Mapping):
        return value
    known = schema.get("properties") or {}
    found: dict[str, Any] = {}
    for name, each in value.items():
        key = key_in(name, known)
        if key == name or key not in value:
            found[key] = repaired(each, known.get(key) or {}, depth + 1)
    return found


def _array(value: Any, schema: Mapping[str, Any], depth: int) -> Any:
    items = schema.get("items") or {}
    if isinstance(value, Mapping) and items.get("type") == "object":
        value = [value]
    return [repaired(each, items, depth + 1) for each in value] if isinstance(value, list) else value


def _decoded(value: Any, kind: Any) -> Any:
    """Decode JSON in a text where the value itself belongs: it was encoded once too often, or twice."""
    found = value
    for _ in range(2):
        if not isinstance(found, str) or found.lstrip()[:1] not in ("{", "[", '"'):
            break
        try:
            found = json.loads(found, strict=False)
        except (ValueError, RecursionError):
            break
    return found if isinstance(found, Mapping | list) else value


def _boolean(value: Any) -> Any:
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in _YES else False if word in _NO else value
    return bool(value) if isinstance(value, int | float) and value in (0, 1) else value


def _integer(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFKC", value).strip()
    found = _WHOLE.match(text)
    if not found:
        return value
    rest = text[found.end() :]
    if rest and max((each for each in schema.get("enum") or () if isinstance(each, int)), default=0) == 5:
        of_five = _OF_FIVE.match(rest)
        rest = rest[of_five.end() :] if of_five else rest
        rest = "" if _EXPLAINED.fullmatch(rest) else rest
    return int(found[1]) if not rest else value


def _number(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?\s*", value):
        return float(value)
    return value


def _string(value: Any, schema: Mapping[str, Any]) -> Any:
    allowed = [each for each in schema.get("enum") or () if isinstance(each, str)]
    if not allowed:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(int(value)) if float(value).is_integer() else str(value)
    if not isinstance(value, str) or value in allowed:
        return value
    meant = [each for each in allowed if _folded(each) == _folded(value)]
    return meant[0] if len(meant) == 1 else value


def _folded(text: str) -> str:
    return re.sub(r"[\s_\-.\"'`]", "", unicodedata.normalize("NFKC", text)).casefold()

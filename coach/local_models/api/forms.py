"""Turns a strict tool schema into a form that a small model can fill in, and the filled form back into arguments.

What helps a small model (measured): an object keyed by id instead of an array of items with an id, which it would
repeat; text before the mark it justifies; short texts.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 240
LONGEST_LIST = 3
LONGEST_CHOICE = 120
MOST_KEYS = 40

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Share:
    """A number from 0 to 1 that says how far something is true.

    `path` leads to it in the form; `question` is the schema's description.
    """

    path: tuple[str, ...]
    question: str


def shares(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[Share]:
    """Every number from 0 to 1 with a description in the schema's objects."""
    for name, held in (schema.get("properties") or {}).items():
        here = (*path, name)
        if held.get("type") == "number" and held.get("minimum") == 0 and held.get("maximum") == 1:
            if question := held.get("description"):
                yield Share(here, str(question))
        else:
            yield from shares(held, here)


def settled(form: Schema, path: Sequence[str], value: float) -> dict[str, Any]:
    """The form with this number filled in."""
    if not path:
        return {"enum": [value]}
    name, *rest = path
    properties = form["properties"]
    return {**form, "properties": {**properties, name: settled(properties[name], rest, value)}}


def complete(form: Schema) -> Any:
    """The filled form if nothing is left to choose or write; else None."""
    if "properties" in form:
        filled = {name: complete(held) for name, held in form["properties"].items()}
        return filled if filled and all(value is not None for value in filled.values()) else None
    options = list(form.get("enum", []))
    return options[0] if len(options) == 1 else None


def form_of(schema: Schema) -> dict[str, Any]:
    """The schema that the model must follow."""
    if keyed := _keys(schema):
        _, keys, rest = keyed
        return _object(dict.fromkeys(keys, form_of(rest)))
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _choice(schema[choice])
    if "enum" in schema or "const" in schema:
        return _kept(schema, "enum", "const")
    kind = schema.get("type")
    if isinstance(kind, list):
        return {"anyOf": [form_of({**schema, "type": one}) for one in kind]}
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties") or {}
        ordered = sorted(properties, key=lambda name: _rank(properties[name]))
        return _object({name: form_of(properties[name]) for name in ordered})
    if kind == "array":
        return _list(schema)
    if kind == "string":
        return _text(schema)
    return _kept(schema, "type", "minimum", "maximum")


def _choice(options: Sequence[Schema]) -> dict[str, Any]:
    if all("const" in option for option in options):
        return {"enum": [option["const"] for option in options]}
    return {"anyOf": [form_of(option) for option in options]}


def _list(schema: Schema) -> dict[str, Any]:
    most = min(int(schema.get("maxItems", LONGEST_LIST)), LONGEST_LIST)
    least = min(int(schema.get("minItems", 0)), most)
    return {"type": "array", "items": form_of(schema.get("items") or {}), "minItems": least, "maxItems": most}


def _text(schema: Schema) -> dict[str, Any]:
    hint = {"description": str(schema["description"])} if "description" in schema else {}
    if "pattern" in schema:
        return {"type": "string", "pattern": schema["pattern"], **hint}
    most = min(int(schema.get("maxLength", LONGEST_TEXT)), LONGEST_TEXT)
    least = min(int(schema.get("minLength", 0)), most)
    return {"type": "string", "minLength": least, "maxLength": most, **hint}


def _kept(schema: Schema, *names: str) -> dict[str, Any]:
    return {name: schema[name] for name in names if name in schema}


def arguments_of(filled: Any, schema: Schema) -> Any:
    """The filled form in the shape of `schema`: keyed objects become arrays of items again."""
    if keyed := _keys(schema):
        name, keys, rest = keyed
        order = list((schema.get("items") or {}).get("properties") or {})
        return [
            _in_order({name: key, **arguments_of(filled[key], rest)}, order)
            for key in keys
            if isinstance(filled, dict) and key in filled
        ]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            option = next((one for one in schema[choice] if _fits(filled, one)), None)
            return arguments_of(filled, option) if option is not None else filled
    properties = schema.get("properties")
    if isinstance(filled, dict) and properties:
        return _in_order(
            {name: arguments_of(filled[name], properties[name]) for name in filled if name in properties},
            list(properties),
        )
    if isinstance(filled, list) and isinstance(schema.get("items"), dict):
        return [arguments_of(item, schema["items"]) for item in filled]
    return filled


def explained(tool: str | None, form: Schema) -> str:
    """The explanation of the form, for the end of the prompt."""
    return (
        (f"Call {tool}: answer" if tool else "Answer")
        + " with one JSON object of exactly this form and nothing else. Texts are short. "
        + "Words come before the mark they justify.\n"
        + json.dumps(_sketch(form), ensure_ascii=False)
    )


def _keys(schema: Schema) -> tuple[str, list[str], Schema] | None:
    """For an array of objects with one string property drawn from a list: its name, the list, the item without it."""
    items = schema.get("items")
    if schema.get("type") != "array" or not isinstance(items, dict):
        return None
    properties = items.get("properties") or {}
    for name, held in properties.items():
        keys = held.get("enum") if isinstance(held, dict) else None
        named_so = name == "id" or name.endswith(("Id", "_id"))
        if named_so and keys and len(keys) <= MOST_KEYS and all(isinstance(key, str) for key in keys):
            rest = {key: value for key, value in properties.items() if key != name}
            return name, list(dict.fromkeys(keys)), {"type": "object", "properties": rest}
    return None


def _rank(schema: Schema) -> int:
    """Text and lists in the given order, then decisions."""
    kinds = schema.get("type")
    if "enum" in schema or "const" in schema or kinds in ("integer", "number", "boolean"):
        return 1
    return int(any("enum" in option for option in schema.get("anyOf", ())))


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _in_order(held: dict[str, Any], order: list[str]) -> dict[str, Any]:
    return {name: held[name] for name in sorted(held, key=lambda name: order.index(name) if name in order else 99)}


def _fits(value: Any, schema: Schema) -> bool:
    kind = schema.get("type")
    if value is None:
        return kind == "null"
    kinds: dict[str, type | tuple[type, ...]] = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
    }
    return kind != "null" and isinstance(value, kinds.get(str(kind), object))


def _sketch(form: Schema) -> Any:
    if "properties" in form:
        return {name: _sketch(held) for name, held in form["properties"].items()}
    if "enum" in form:
        choice = " or ".join(json.dumps(value, ensure_ascii=False) for value in form["enum"])
        # Long ones are lines of the prompt itself: no need to repeat them.
        return choice if len(choice) <= LONGEST_CHOICE else "…"
    if "anyOf" in form:
        return next((_sketch(one) for one in form["anyOf"] if one.get("type") != "null"), None)
    if form.get("type") == "array":
        return [_sketch(form["items"])]
    if "description" in form:
        return f"… ({form['description']})"
    return {"string": "…", "integer": 1, "number": 1, "boolean": True}.get(str(form.get("type")))

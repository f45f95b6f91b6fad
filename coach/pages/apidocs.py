"""The documentation page of the JSON API, generated from the OpenAPI document: `/api/docs`."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """The type of a value in words, and the shape they refer to, if any."""

    words: str
    shape: str = ""


@dataclass(frozen=True)
class Field:
    name: str
    kind: Kind
    required: bool
    where: str = ""
    default: str = ""


@dataclass(frozen=True)
class DocumentedAnswer:
    status: str
    words: str
    kind: Kind | None


@dataclass(frozen=True)
class DocumentedCall:
    method: str
    path: str
    summary: str
    key: str
    asks: list[Field]
    body: list[Field]
    answers: list[DocumentedAnswer]


@dataclass(frozen=True)
class Shape:
    name: str
    fields: list[Field] = field(default_factory=list)
    values: list[str] = field(default_factory=list)


def page(document: Callable[[], Schema]) -> Callable[[HttpRequest], HttpResponse]:
    """A view that renders the OpenAPI document returned by `document`."""

    @require_safe
    def docs(request: HttpRequest) -> HttpResponse:
        schema = document()
        context = {"info": schema["info"], "groups": groups(schema), "shapes": shapes(schema)}
        return render(request, "api/docs.html", context)

    return docs


def groups(document: Schema) -> dict[str, list[DocumentedCall]]:
    """Operations by tag, in the order of the document."""
    found: dict[str, list[DocumentedCall]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            found.setdefault(operation["tags"][0], []).append(_operation(document, method, path, operation))
    return found


def shapes(document: Schema) -> list[Shape]:
    """The shapes used in answers, directly or indirectly."""
    schemas = document["components"]["schemas"]
    wanted: list[str] = []
    queue = sorted(set(_references(document["paths"])))
    while queue:
        name = queue.pop(0)
        if name not in wanted:
            wanted.append(name)
            queue += _references(schemas[name])
    return [_shape(document, name, schemas[name]) for name in sorted(wanted)]


def _references(part: Any) -> list[str]:
    if isinstance(part, Mapping):
        here = [_name(part["$ref"])] if "$ref" in part else []
        return here + [name for value in part.values() for name in _references(value)]
    return [name for value in part for name in _references(value)] if isinstance(part, list) else []


def _operation(document: Schema, method: str, path: str, operation: Schema) -> DocumentedCall:
    asks = [
        Field(
            each["name"],
            _kind(each["schema"]),
            each.get("required", False),
            where=each["in"],
            default=_default(each["schema"]),
        )
        for each in operation.get("parameters", [])
    ]
    content = operation.get("requestBody", {}).get("content", {})
    body = [each for one in content.values() for each in _fields(_resolved(document, one["schema"]))]
    answers = [
        DocumentedAnswer(status, _said(status, answer["description"]), _answered(answer))
        for status, answer in operation["responses"].items()
        if status != "default"
    ]
    summary = operation.get("summary", "")
    return DocumentedCall(method.upper(), path, summary, operation["operationId"], asks, body, answers)


def _said(status: str, words: str) -> str:
    return HTTPStatus(int(status)).phrase if words in ("OK", "") else words


def _answered(answer: Schema) -> Kind | None:
    for kind, content in answer.get("content", {}).items():
        return Kind(kind) if content["schema"].get("format") == "binary" else _kind(content["schema"])
    return None


def _shape(document: Schema, name: str, schema: Schema) -> Shape:
    return Shape(name, list(_fields(schema)), [str(each) for each in schema.get("enum", [])])


def _fields(schema: Schema) -> Iterator[Field]:
    required = schema.get("required", [])
    for name, each in schema.get("properties", {}).items():
        yield Field(name, _kind(each), name in required, default=_default(each))


def _default(schema: Schema) -> str:
    value = schema.get("default")
    return "" if value in (None, "") else str(value)


def _resolved(document: Schema, schema: Schema) -> Schema:
    return document["components"]["schemas"][_name(schema["$ref"])] if "$ref" in schema else schema


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]


def _kind(schema: Schema) -> Kind:
    if "$ref" in schema:
        return Kind(_name(schema["$ref"]), _name(schema["$ref"]))
    for several in ("anyOf", "allOf", "oneOf"):
        if several in schema:
            kinds = [_kind(each) for each in schema[several]]
            return Kind(
                " or ".join(kind.words for kind in kinds), next((each.shape for each in kinds if each.shape), "")
            )
    if "enum" in schema:
        return Kind(" | ".join(map(str, schema["enum"])))
    if "const" in schema:
        return Kind(str(schema["const"]))
    if schema.get("type") == "array":
        inner = _kind(schema.get("items", {}))
        return Kind(f"list of {inner.words}", inner.shape)
    kind: str = schema.get("type", "anything")
    words = {"date-time": "time", "binary": "bytes"}.get(schema.get("format", ""), kind)
    return Kind(words + _limits(schema))


def _limits(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" {low} to {_short(high)}"
    if low is not None:
        return f" from {low}"
    length = schema.get("maxLength")
    return f", at most {length} characters" if length else ""


def _short(number: int) -> str:
    return re.sub(r"^2147483647$", "2³¹ − 1", str(number))

"""The OpenAPI document, with the refusals common to all operations stated once instead of beside each view."""

import re
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from coach.edge.problems import CONTENT_TYPE

ABOUT = """\
Times are ISO 8601 with a time zone, ids are opaque strings, names are camelCase. Errors are problem documents (RFC
9457) whose `detail` says what to do next. `HEAD` works wherever `GET` does. The text and audio of the AI's turns
arrive over the WebSocket in the session's `wsChannel`.
"""

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What to do next."},
        "code": {"type": "string", "description": "Tells programs which of several reasons it was."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

WORDS = {
    "400": "Bad request",
    "403": "Refused: the request comes from another site",
    "404": "Not found",
    "413": "Too large",
    "415": "Not application/json",
    "422": "Refused: `errors` names the fields to correct",
    "default": "Any other problem",
}


def told(status: str, words: str = "") -> dict[str, Any]:
    """The response object of a problem."""
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": words or WORDS[status], "content": content}


def refusals(**words: str) -> dict[str, Any]:
    """For `openapi_extra`: what one operation refuses besides the common refusals, as `s429="The queue is full"`."""
    return {"responses": {name.removeprefix("s"): told(name.removeprefix("s"), each) for name, each in words.items()}}


class Api(NinjaAPI):
    """A NinjaAPI whose document lists every answer."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        first, *rest = str(operation.view_func.__name__).split("_")
        return first + "".join(map(str.capitalize, rest))

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        schema["components"].setdefault("schemas", {})["Problem"] = PROBLEM
        for path, item in schema["paths"].items():
            for method, operation in item.items():
                _complete(path, method, operation)
        return schema


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = {str(status): answer for status, answer in operation["responses"].items()}
    expected = ["422"] * bool(operation.get("parameters") or "requestBody" in operation)
    expected += ["404"] * bool(re.search(r"\{\w+\}", path))
    expected += ["403"] * (method != "get")
    expected += ["400", "413", "415"] * ("requestBody" in operation)
    for status in [*expected, "default"]:
        responses.setdefault(status, told(status))
    operation["responses"] = dict(sorted(responses.items()))

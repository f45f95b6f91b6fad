"""Builds the AsyncAPI document of the session socket, with the same shapes as the OpenAPI document."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

Document = dict[str, Any]

ABOUT = """\
One socket for each session, at the address that the session names in `wsChannel`. Text frames are JSON; binary frames
are four bytes of sequence (little-endian), then sound. Events are ordered within a session.

A socket is closed with 4404 where the session does not exist or is another's, 4401 where nobody is signed in (any
more), 4400 for a flood, 4408 where the client does not read, 4413 for a frame over 256 KiB, and 4503 by a server that
restarts: connect again, with jittered back-off.
"""
CHANNEL = "#/channels/session"


def document(*, to_server: list[Any], to_client: list[Any], schemas: Mapping[str, Any]) -> Document:
    """`to_server` and `to_client` have `name`, `summary` and `payload`; `schemas` are those of the OpenAPI document."""
    messages = {each.name: _message(each) for each in [*to_server, *to_client]}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Practice coach: the session socket", "version": "1", "description": ABOUT},
        "defaultContentType": "application/json",
        "channels": {
            "session": {
                "address": "/ws/sessions/{sessionId}",
                "parameters": {"sessionId": {"description": "The id of one of the trainee's sessions."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {
                    "ws": {
                        "query": {
                            "type": "object",
                            "properties": {
                                "audio": {"enum": ["0", "1"], "description": "0 asks for no binary frames."}
                            },
                        }
                    }
                },
            }
        },
        # From the server's point of view.
        "operations": {
            "hearClient": _operation("receive", "What a client may say.", to_server),
            "tellClient": _operation("send", "What a client is told.", to_client),
        },
        "components": {"messages": messages, "schemas": _needed(messages, schemas)},
    }


def view(made: Callable[[], Document]) -> Callable[[HttpRequest], JsonResponse]:
    @require_safe
    def asyncapi(request: HttpRequest) -> JsonResponse:
        return JsonResponse(made())

    return asyncapi


def _message(message: Any) -> Document:
    told = {"name": message.name, "title": message.name, "summary": message.summary}
    if message.payload is None:
        payload = {"type": "string", "format": "binary"}
        return {**told, "contentType": "application/octet-stream", "payload": payload}
    return {**told, "payload": message.payload}


def _operation(action: str, summary: str, messages: list[Any]) -> Document:
    references = [{"$ref": f"{CHANNEL}/messages/{each.name}"} for each in messages]
    return {"action": action, "summary": summary, "channel": {"$ref": CHANNEL}, "messages": references}


def _needed(part: Any, schemas: Mapping[str, Any]) -> Document:
    """The shapes that `part` refers to, directly or indirectly."""
    found: Document = {}
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            name = str(one.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in schemas and name not in found:
                found[name] = schemas[name]
                waiting.append(schemas[name])
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return dict(sorted(found.items()))

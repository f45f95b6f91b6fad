"""The outermost ASGI layer: refuses everything while the process starts or drains."""

import hashlib
from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableMapping
from io import BytesIO
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from coach.edge import readers_language
from coach.edge.close_codes import RESTARTING
from coach.edge.lifespan import Lifespan
from coach.edge.problems import problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

RETRY_AFTER_SECONDS = 2
ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})
# The page contains its own style: the style sheet would be refused like everything else.
STYLE = """
:root { color-scheme: light dark; background: light-dark(#f6f0e6, #17191e); color: light-dark(#29241f, #e4ddd1); }
body { margin: 0; font: 1.0625rem/1.55 Seravek, "Source Sans 3", Ubuntu, Calibri, "Noto Sans", sans-serif; }
main { max-width: 34rem; margin: 18vh auto 0; padding: 0 1.25rem; }
h1 { font: 400 2rem/1.2 "Iowan Old Style", Palatino, Charter, "Noto Serif", "Songti SC", Georgia, serif; }
a { color: light-dark(#1d5c69, #84c7d1); }
"""
POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"


class Gate:
    """Answers 503 with Retry-After for requests and 4503 for sockets, except for health checks."""

    def __init__(self, application: Application, life: Lifespan) -> None:
        self._application = application
        self._life = life

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._life.taking_requests or scope.get("path") in ALWAYS_ANSWERED:
            await self._application(scope, receive, send)
        elif scope["type"] == "http":
            await _refuse(scope, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": RESTARTING})


async def _refuse(scope: Scope, send: Send) -> None:
    request = ASGIRequest(dict(scope), BytesIO())
    if "text/html" in request.headers.get("Accept", ""):
        answer = _page(request)
    else:
        answer = problem(503, "The server is restarting. Try again in a few seconds.")
    headers = {**answer.headers, "Retry-After": str(RETRY_AFTER_SECONDS), "Content-Length": str(len(answer.content))}
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 503, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.content})


def _page(request: ASGIRequest) -> HttpResponse:
    """The page for people who open one now; it reloads itself."""
    with translation.override(readers_language.of_request(request)):
        content = render_to_string("503.html", {"style": mark_safe(STYLE)})  # noqa: S308 (no word from outside)
    headers = {"Content-Security-Policy": POLICY, "Refresh": str(RETRY_AFTER_SECONDS)}
    return HttpResponse(content, status=503, headers=headers)

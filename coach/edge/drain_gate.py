"""The outermost ASGI layer: refuses everything while the process starts or drains."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.http import HttpResponse

from coach.edge import plain_page
from coach.edge.close_codes import RESTARTING
from coach.edge.lifespan import Lifespan
from coach.edge.problems import problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

RETRY_AFTER_SECONDS = 2
ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})


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
            await close_socket(receive, send, RESTARTING)


async def close_socket(receive: Receive, send: Send, code: int) -> None:
    """Accept a socket only to close it: before that a browser gets no code."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": code})


async def send_response(send: Send, answer: HttpResponse) -> None:
    """Send a whole response where no Django handler does."""
    headers = {**answer.headers, "Content-Length": str(len(answer.content))}
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.content})


async def _refuse(scope: Scope, send: Send) -> None:
    if plain_page.wanted(scope):
        answer = _page(scope)
    else:
        answer = problem(503, "The server is restarting. Try again in a few seconds.")
    answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    await send_response(send, answer)


def _page(scope: Scope) -> HttpResponse:
    """The page for people who open one now; it reloads itself."""
    headers = {"Content-Security-Policy": plain_page.POLICY, "Refresh": str(RETRY_AFTER_SECONDS)}
    return HttpResponse(plain_page.rendered("503.html", scope), status=503, headers=headers)

"""The outermost ASGI layer: while the process starts or drains, nothing new comes in."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from coach.edge.life import Life
from coach.edge.problems import problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

RESTARTING = 4503
RETRY_AFTER_SECONDS = 2
ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})


class Gate:
    """503 with Retry-After for requests and 4503 for sockets, except for the health checks."""

    def __init__(self, application: Application, life: Life) -> None:
        self._application = application
        self._life = life

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._life.taking_requests or scope.get("path") in ALWAYS_ANSWERED:
            await self._application(scope, receive, send)
        elif scope["type"] == "http":
            await _refuse(send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": RESTARTING})


async def _refuse(send: Send) -> None:
    answer = problem(503, "The server is restarting. Try again in a few seconds.")
    headers = {**answer.headers, "Retry-After": str(RETRY_AFTER_SECONDS), "Content-Length": str(len(answer.content))}
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 503, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.content})

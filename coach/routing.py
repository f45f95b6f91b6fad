"""Routes sockets to consumers."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from channels.routing import URLRouter
from django.urls import path, re_path

from coach.edge import input_limits
from coach.edge.close_codes import GONE
from coach.signin.signed_in_sockets import SignedInSockets
from practice.consumers import session_socket

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def no_such_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Any other socket URL is treated like an unknown session: accepted, then closed with 4404."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": GONE})


async def session(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    unknown = input_limits.text_fault(scope["url_route"]["kwargs"]["session_id"])
    await (no_such_socket if unknown else session_socket)(scope, receive, send)


addresses = URLRouter(
    [path("ws/sessions/<str:session_id>", cast(Any, session)), re_path("", cast(Any, no_such_socket))]
)
websockets = SignedInSockets(cast(Any, addresses))

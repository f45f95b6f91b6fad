"""Routes sockets to consumers."""

from typing import Any, cast

from channels.routing import URLRouter
from django.urls import path, re_path

from coach.edge import input_limits
from coach.edge.close_codes import GONE
from coach.edge.drain_gate import Application, Receive, Scope, Send, close_socket
from coach.signin.signed_in_sockets import SignedInSockets
from practice.session_socket.consumers import session_socket


async def no_such_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Any other socket URL is treated like an unknown session: accepted, then closed with 4404."""
    await close_socket(receive, send, GONE)


async def session(scope: Scope, receive: Receive, send: Send) -> None:
    unknown = input_limits.text_fault(scope["url_route"]["kwargs"]["session_id"])
    await (no_such_socket if unknown else cast(Application, session_socket))(scope, receive, send)


addresses = URLRouter(
    [path("ws/sessions/<str:session_id>", cast(Any, session)), re_path("", cast(Any, no_such_socket))]
)
websockets = SignedInSockets(cast(Any, addresses))

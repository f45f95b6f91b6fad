"""Sign-in for sockets: sets the trainee at the handshake, and closes the socket when the sign-in ends."""

import asyncio
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, parse_cookie

from coach import identity
from coach.edge.close_codes import SIGNED_OUT
from coach.edge.drain_gate import Application, Receive, Scope, Send, close_socket
from coach.threads import in_thread

LOOK_AGAIN_SECONDS = 10.0


class SignedInSockets:
    """Closes sockets of strangers with 4401, and of users who sign out, expire or are locked out while connected."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not identity.signs_in():
            await self._application(scope, receive, send)
            return
        key = _session_key(scope)
        user_id = await in_thread(trainee_of, key)
        if user_id is None:
            await close_socket(receive, send, SIGNED_OUT)
            return
        with identity.acting(user_id):
            await self._application(scope, _Watched(key, user_id, receive, send).receive, send)


class _Watched:
    """A `receive` that returns a disconnect once the sign-in is over: before the next message, or soon after."""

    def __init__(self, key: str | None, user_id: str, receive: Receive, send: Send) -> None:
        self._key = key
        self._user_id = user_id
        self._receive = receive
        self._send = send
        self._next: asyncio.Future[Any] | None = None
        self._looked: float | None = None

    async def receive(self) -> Any:
        loop = asyncio.get_running_loop()
        if self._looked is None:
            self._looked = loop.time()
        self._next = self._next or asyncio.ensure_future(self._receive())
        try:
            while True:
                left = self._looked + LOOK_AGAIN_SECONDS - loop.time()
                await asyncio.wait({self._next}, timeout=max(0.0, left))
                if loop.time() >= self._looked + LOOK_AGAIN_SECONDS:
                    self._looked = loop.time()
                    if await in_thread(trainee_of, self._key) != self._user_id:
                        return await self._end()
                if self._next.done():
                    message, self._next = self._next.result(), None
                    return message
        except asyncio.CancelledError:
            self._next.cancel() if self._next else None
            raise

    async def _end(self) -> dict[str, Any]:
        if self._next:
            self._next.cancel()
        await self._send({"type": "websocket.close", "code": SIGNED_OUT})
        return {"type": "websocket.disconnect", "code": SIGNED_OUT}


def trainee_of(session_key: str | None) -> str | None:
    """The trainee who is signed in with this session now."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = auth.get_user(request)
    return identity.of_account(user.pk) if user.is_authenticated else None


def _session_key(scope: Mapping[str, Any]) -> str | None:
    for name, value in scope.get("headers", ()):
        if name == b"cookie" and (key := parse_cookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)):
            return key
    return None

"""Daphne's (4.2) server with our start and end: hooks run before the first request, and SIGTERM cuts nobody off.

Importing this installs Twisted's reactor, so only `coach.edge.daphne.install` does.
"""

import asyncio
import logging
import sys
from typing import Any, cast

from daphne.server import Server
from twisted.internet import defer, reactor

from coach import clock, quick_exit
from coach.edge import garbage
from coach.edge.arrival import ARRIVED_AT
from coach.edge.close_codes import RESTARTING
from coach.edge.lifespan import lifespan
from coach.edge.sockets import BoundedSocket

REQUESTS_DRAIN_SECONDS = 2.0
CANCEL_SECONDS = 1.0

logger = logging.getLogger(__name__)


class CoachServer(Server):
    """Runs the lifespan hooks; on SIGTERM closes sockets with 4503 and waits for running requests."""

    def run(self) -> None:
        lifespan.expect()
        cast(Any, reactor).callWhenRunning(lambda: asyncio.ensure_future(self._start()))
        super().run()
        if not lifespan.started:
            sys.exit(1)
        quick_exit.ended_in_order(0)

    async def _start(self) -> None:
        try:
            await lifespan.start()
        # Whatever it is, the process says it, stops and ends with 1 (`run`): it has served nobody yet.
        except Exception:
            logger.critical("the web process cannot start", exc_info=True)
            self.stop()
        garbage.keep_what_is_loaded()

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Note the arrival time: a request has been read completely, or a socket is being opened."""
        return super().create_application(protocol, scope | {ARRIVED_AT: clock.now()})

    async def handle_reply(self, protocol: Any, message: Any) -> None:
        """The application's `send`: returns when the client has caught up or is gone."""
        socket = isinstance(protocol, BoundedSocket)
        if socket and protocol.state in (protocol.STATE_CLOSING, protocol.STATE_CLOSED):
            return
        await super().handle_reply(protocol, message)
        if message["type"] in ("websocket.send", "http.response.body"):
            await protocol.written()

    def kill_all_applications(self) -> Any:
        drained = defer.Deferred.fromFuture(asyncio.ensure_future(self._drain()))
        return drained.addBoth(lambda _: self._cancel_the_rest())

    async def _drain(self) -> None:
        lifespan.begin_drain()
        for protocol in list(self.connections):
            if isinstance(protocol, BoundedSocket) and protocol.state == protocol.STATE_OPEN:
                protocol.serverClose(code=RESTARTING)
        await lifespan.drain()
        if under_way := self._under_way():
            await asyncio.wait(under_way, timeout=REQUESTS_DRAIN_SECONDS)

    def _under_way(self) -> list[asyncio.Future[Any]]:
        running = (details.get("application_instance") for details in self.connections.values())
        return [application for application in running if application is not None and not application.done()]

    def _cancel_the_rest(self) -> Any:
        late = self._under_way()
        for application in late:
            application.cancel()
        return defer.Deferred.fromFuture(asyncio.ensure_future(_ended(late)))


async def _ended(applications: list[asyncio.Future[Any]]) -> None:
    if applications:
        await asyncio.wait(applications, timeout=CANCEL_SECONDS)

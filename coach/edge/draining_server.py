"""Daphne's (4.2) server with our start and end: hooks run before the first request, and SIGTERM cuts nobody off.

Importing this installs Twisted's reactor, so only `coach.edge.daphne.install` does.
"""

import asyncio
import logging
import sys
from typing import Any, cast

from daphne.server import Server
from twisted.internet import defer, reactor
from twisted.internet.endpoints import serverFromString

from coach import clock, quick_exit
from coach.edge import garbage
from coach.edge.arrival import ARRIVED_AT
from coach.edge.bounded_requests import BoundedChannel
from coach.edge.close_codes import RESTARTING
from coach.edge.lifespan import lifespan
from coach.edge.sockets import BoundedSocket

# A start that takes longer (the database lacks migrations) is told to whoever asks.
LISTEN_AT_LATEST_SECONDS = 3.0
# What a proxy has already connected for is still served: it does not send a POST to a second process.
ACCEPTED_SECONDS = 1.0
REQUESTS_DRAIN_SECONDS = 2.0
CANCEL_SECONDS = 1.0

logger = logging.getLogger(__name__)


class CoachServer(Server):
    """Listens once the start hooks have run; on SIGTERM no longer, closes sockets with 4503, and finishes requests."""

    def run(self) -> None:
        self._ports: list[Any] = []
        self._cannot_listen = False
        self._addresses: list[str] = self.endpoints
        self.endpoints: list[str] = []
        lifespan.expect()
        cast(Any, reactor).callWhenRunning(lambda: asyncio.ensure_future(self._start()))
        super().run()
        if self._cannot_listen or not lifespan.started:
            sys.exit(1)
        quick_exit.ended_in_order(0)

    def listen_success(self, port: Any) -> None:
        self._ports.append(port)
        super().listen_success(port)

    def listen_error(self, failure: Any) -> None:
        self._cannot_listen = True
        super().listen_error(failure)

    async def _start(self) -> None:
        starting = asyncio.ensure_future(lifespan.start())
        await asyncio.wait({starting}, timeout=LISTEN_AT_LATEST_SECONDS)
        try:
            if starting.done():
                starting.result()
            self._listen()
            await starting
        # Whatever it is, the process says it, stops and ends with 1 (`run`): it has served nobody yet.
        except Exception:
            logger.critical("the web process cannot start", exc_info=True)
            self.stop()
        garbage.keep_what_is_loaded()

    def _listen(self) -> None:
        """As Daphne does, which would listen, and answer 503, before anything has started."""
        for address in self._addresses:
            listener = serverFromString(reactor, str(address)).listen(self.http_factory)
            listener.addCallback(self.listen_success)
            listener.addErrback(self.listen_error)
            self.listeners.append(listener)

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
        await self._let_nobody_in()
        lifespan.begin_drain()
        for protocol in list(self.connections):
            if isinstance(protocol, BoundedSocket) and protocol.state == protocol.STATE_OPEN:
                protocol.serverClose(code=RESTARTING)
        await lifespan.drain()
        if under_way := self._under_way():
            await asyncio.wait(under_way, timeout=REQUESTS_DRAIN_SECONDS)

    async def _let_nobody_in(self) -> None:
        """Newcomers wait at a socket that another process shares, or are refused, and a proxy asks the next process."""
        BoundedChannel.is_draining = True
        for port in self._ports:
            port.doRead()  # closing the socket would reset who already waits there
            await defer.maybeDeferred(port.stopListening).asFuture(asyncio.get_running_loop())
        late = clock.steady() + ACCEPTED_SECONDS
        while any(channel.expects_service() for channel in BoundedChannel.all_open) and clock.steady() < late:  # noqa: ASYNC110 (each would have to tell)
            await asyncio.sleep(0.05)
        for channel in list(BoundedChannel.all_open):
            channel.end_if_idle()

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

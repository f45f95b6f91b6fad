"""What Daphne (4.2) does not do by itself: start and drain with the process, refuse large headers and large or slow
bodies, bound what its sockets and its answers hold.

Daphne imports `coach.asgi` before it builds its server, so `install()` there replaces the classes in time.
"""

import asyncio
import logging
import sys
from http import HTTPStatus
from typing import Any, cast

from coach import clock, quick_exit
from coach.edge import plain_page
from coach.edge.arrival import ARRIVED_AT
from coach.edge.close_codes import RESTARTING
from coach.edge.lifespan import lifespan
from coach.edge.problems import CONTENT_TYPE, problem

MAX_BODY_BYTES = 262_144
# Headers and body together: a full body at 16 KiB/s, plus some slack.
BODY_SECONDS = 30.0
# How long we discard what is still being sent, so that the sender gets to read the refusal.
LINGER_SECONDS = 3.0
# A client that reads nothing of an answer for this long is gone. A download may be paused for a while.
STALLED_SECONDS = 300.0
REQUESTS_DRAIN_SECONDS = 2.0
CANCEL_SECONDS = 1.0

logger = logging.getLogger(__name__)


def install() -> None:
    """Replace Daphne's classes; does nothing in processes that Daphne does not serve (tests, workers, commands)."""
    if "daphne.cli" not in sys.modules:
        return
    import daphne.cli
    import daphne.http_protocol
    import daphne.server
    import twisted.web.http
    from twisted.internet import defer, reactor

    from coach.edge.sockets import BoundedSocket, Outflow

    loop_reactor = cast(Any, reactor)

    def refuse(
        transport: Any,
        status: int,
        detail: str,
        code: str | None = None,
        headers: list[tuple[bytes, bytes]] | None = None,
    ) -> None:
        """Answer before the request is complete, then let the sender finish for a moment and disconnect.

        `headers` of the request, names in lower case: whoever sent a form that is too large reads a page.
        """
        scope = {"headers": headers or []}
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and plain_page.wanted(scope):
            content, kind = plain_page.rendered("413.html", scope), "text/html; charset=utf-8"
            kind += f"\r\nContent-Security-Policy: {plain_page.POLICY}"
        else:
            content, kind = problem(status, detail, code=code).content, CONTENT_TYPE
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        )
        transport.write(head.encode() + content)
        transport.loseWriteConnection() if hasattr(transport, "loseWriteConnection") else None
        loop_reactor.callLater(LINGER_SECONDS, transport.abortConnection)

    class BoundedChannel(twisted.web.http.HTTPChannel):
        """Answers 414 for an address and 431 for headers that are too large, where Twisted hangs up without a word."""

        def lineReceived(self, line: bytes) -> None:
            if self._receivedHeaderSize + len(line) > self.totalHeadersSize:
                self.lineLengthExceeded(line)
            else:
                super().lineReceived(line)

        def headerReceived(self, line: bytes) -> bool:
            if self._receivedHeaderCount < self.maxHeaders:
                return bool(super().headerReceived(line))
            self.lineLengthExceeded(line)
            return False

        def lineLengthExceeded(self, line: bytes) -> None:
            # Whatever else arrives is not looked at.
            self.dataReceived = self.lineReceived = lambda *_: None  # type: ignore[method-assign]
            self.clearLineBuffer()
            if self._receivedHeaderSize:
                detail = f"The headers are over {self.totalHeadersSize // 1024} KiB, or over {self.maxHeaders}."
                refuse(self.transport, 431, f"{detail} Send fewer; a browser sends fewer once its cookies are deleted.")
            else:
                refuse(self.transport, 414, f"The address is over {self.totalHeadersSize // 1024} KiB.")

    class BoundedRequest(daphne.http_protocol.WebRequest):
        """Answers 413 for a body over MAX_BODY_BYTES and 408 for one that takes longer than BODY_SECONDS.

        It holds at most 64 KiB and the last piece of an answer: `written` waits for a slow client.
        """

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._received = 0
            self._refused = False
            self._out = Outflow()
            self._deadline = loop_reactor.callLater(BODY_SECONDS, self._too_slow)

        def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
            """Skip Twisted's parsing of form bodies, which hangs up on malformed ones; Django parses them."""
            self.content.seek(0, 0)
            self.args: dict[bytes, list[bytes]] = {}
            if path.lower().startswith((b"http://", b"https://")):
                # The whole address, as clients of a proxy write it (RFC 9112, 3.2.2); its host is in Host, too.
                path = b"/" + path.split(b"/", 3)[3] if path.count(b"/") > 2 else b"/"
            self.method, self.uri, self.clientproto = command, path, version
            self.path = path.split(b"?", 1)[0]
            self.process()

        def gotLength(self, length: int | None) -> None:
            # Keep every accepted body in memory: it is at most MAX_BODY_BYTES.
            super().gotLength(min(length, MAX_BODY_BYTES) if length is not None else MAX_BODY_BYTES)
            if length is not None and length > MAX_BODY_BYTES:
                self._too_large()

        def handleContentChunk(self, data: bytes) -> None:
            self._received += len(data)
            if self._refused:
                return
            if self._received > MAX_BODY_BYTES:
                self._too_large()
            else:
                super().handleContentChunk(data)

        def process(self) -> Any:
            self._cancel_deadline()
            if self._refused:
                return None
            return super().process()

        def handle_reply(self, message: Any) -> None:
            if not (self.producer or self.finished or self.channel is None):
                self.registerProducer(self._out, True)
            if self.method == b"HEAD" and message["type"] == "http.response.body":
                # Twisted leaves out the first piece only: what followed would be read as the next answer.
                message = {**message, "body": b""}
            super().handle_reply(message)

        async def written(self) -> None:
            """Wait until the client has caught up or is gone; disconnect one that reads nothing."""
            if not self._out.blocked:
                return
            try:
                async with asyncio.timeout(STALLED_SECONDS):
                    await self._out.caught_up()
            except TimeoutError:
                self.channel.transport.abortConnection()

        def finish(self) -> None:
            self._release()
            super().finish()

        def connectionLost(self, reason: Any) -> None:
            self._cancel_deadline()
            self._release()
            super().connectionLost(reason)

        def _release(self) -> None:
            """Nothing more will be written, so wake waiters."""
            if self.producer:
                self.unregisterProducer()
            self._out.stopProducing()

        def _too_large(self) -> None:
            detail = f"The body is over {MAX_BODY_BYTES // 1024} KiB. Send a shorter recording or text."
            self._refuse(413, detail, code="too_large")

        def _too_slow(self) -> None:
            self._refuse(408, f"The request was not complete after {BODY_SECONDS:.0f} s. Send it again.")

        def _refuse(self, status: int, detail: str, code: str | None = None) -> None:
            self._refused = True
            self._cancel_deadline()
            sent = self.requestHeaders.getAllRawHeaders()
            headers = [(name.lower(), value) for name, values in sent for value in values]
            refuse(self.channel.transport, status, detail, code, headers)

        def _cancel_deadline(self) -> None:
            if self._deadline.active():
                self._deadline.cancel()

    class CoachServer(daphne.server.Server):
        """Runs the lifespan hooks; on SIGTERM closes sockets with 4503 and waits for running requests."""

        def run(self) -> None:
            lifespan.expect()
            loop_reactor.callWhenRunning(lambda: asyncio.ensure_future(self._start()))
            super().run()
            if not lifespan.started:
                sys.exit(1)
            quick_exit.ended_in_order(0)

        async def _start(self) -> None:
            try:
                await lifespan.start()
            except Exception:
                logger.critical("the web process cannot start", exc_info=True)
                self.stop()

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

    for status in HTTPStatus:
        # Twisted knows no reason for newer ones and says "Unknown Status".
        twisted.web.http.RESPONSES.setdefault(status.value, status.phrase.encode())
    # Twisted's factory looks the class up for each connection.
    twisted.web.http.HTTPChannel = BoundedChannel  # type: ignore[misc]
    daphne.http_protocol.WebRequest = BoundedRequest
    daphne.server.WebSocketFactory.protocol = BoundedSocket
    daphne.cli.CommandLineInterface.server_class = CoachServer


async def _ended(applications: list[asyncio.Future[Any]]) -> None:
    if applications:
        await asyncio.wait(applications, timeout=CANCEL_SECONDS)

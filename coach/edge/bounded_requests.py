"""Daphne's (4.2) HTTP requests with limits: large headers and large or slow bodies are refused with words.

Importing this installs Twisted's reactor, so only `coach.edge.daphne.install` does.
"""

import asyncio
import weakref
from http import HTTPStatus
from typing import Any, ClassVar, cast

from daphne.http_protocol import WebRequest
from twisted.internet import reactor
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from coach.edge import plain_page
from coach.edge.input_limits import IMPORT_PATH, IMPORTS_AT_ONCE, MAX_BODY_BYTES, MAX_IMPORT_BYTES
from coach.edge.problems import CONTENT_TYPE, problem
from coach.edge.sockets import BoundedSocket, Outflow

# Headers and body together: a full body at 16 KiB/s, plus some slack.
BODY_SECONDS = 30.0
IMPORT_SECONDS = 120.0
# How long we discard what is still being sent, so that the sender gets to read the refusal.
LINGER_SECONDS = 3.0
# A client that reads nothing of an answer for this long is gone. A download may be paused for a while.
STALLED_SECONDS = 300.0

_reactor = cast(Any, reactor)


class BoundedChannel(HTTPChannel):
    """Answers 414 for an address and 431 for headers that are too large, where Twisted hangs up without a word."""

    all_open: ClassVar[weakref.WeakSet["BoundedChannel"]] = weakref.WeakSet()
    # The process drains: each connection ends with its next answer.
    is_draining = False
    _asked = False

    def connectionMade(self) -> None:
        self.all_open.add(self)
        super().connectionMade()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.all_open.discard(self)
        super().connectionLost(reason)

    def expects_service(self) -> bool:
        """Whether its first request is still to come, or one is under way."""
        return self._is_http() and bool(self.requests or not self._asked)

    def end_if_idle(self) -> None:
        """Close the connection unless a request is under way on it, or it has become a socket."""
        if self._is_http() and not self.requests:
            cast(Any, self.transport).loseConnection()

    def _is_http(self) -> bool:
        """Whether it is still a connection, and has not become a socket, whose end nobody tells this channel."""
        protocol = getattr(self.transport, "protocol", None)
        return protocol is not None and not isinstance(protocol, BoundedSocket)

    def checkPersistence(self, request: Any, version: bytes) -> bool:
        self._asked = True
        stays = bool(super().checkPersistence(request, version)) and not self.is_draining
        if not stays:
            request.responseHeaders.setRawHeaders(b"connection", [b"close"])
        return stays

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
            _turn_away(self.transport, 431, f"{detail} Send fewer; a browser sends fewer once its cookies are deleted.")
        else:
            _turn_away(self.transport, 414, f"The address is over {self.totalHeadersSize // 1024} KiB.")


class BoundedRequest(WebRequest):
    """Answers 413 for a body over MAX_BODY_BYTES and 408 for one that takes longer than BODY_SECONDS.

    The admin's import takes larger ones of known length, IMPORTS_AT_ONCE at a time.

    It holds at most 64 KiB and the last piece of an answer: `written` waits for a slow client.
    """

    _imports: ClassVar[set["BoundedRequest"]] = set()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._received = 0
        self._limit, self._seconds = MAX_BODY_BYTES, BODY_SECONDS
        self._refused = False
        self._out = Outflow()
        self._deadline = _reactor.callLater(BODY_SECONDS, self._too_slow)

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
        if (
            length is not None
            and length > MAX_BODY_BYTES
            and self._is_import()
            and len(self._imports) < IMPORTS_AT_ONCE
        ):
            self._imports.add(self)
            self._limit, self._seconds = MAX_IMPORT_BYTES, IMPORT_SECONDS
            self._deadline.reset(self._seconds)
        # Keep every accepted body in memory: it is at most as large as the limit.
        super().gotLength(min(length, self._limit) if length is not None else self._limit)
        if length is not None and length > self._limit:
            self._too_large()

    def _is_import(self) -> bool:
        return bool(self.channel._path.split(b"?", 1)[0] == IMPORT_PATH.encode())

    def handleContentChunk(self, data: bytes) -> None:
        self._received += len(data)
        if self._refused:
            return
        if self._received > self._limit:
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
        self._imports.discard(self)
        if self.producer:
            self.unregisterProducer()
        self._out.stopProducing()

    def _too_large(self) -> None:
        detail = f"The body is over {self._limit // 1024} KiB. Send a shorter recording or text."
        self._refuse(413, detail, code="too_large")

    def _too_slow(self) -> None:
        self._refuse(408, f"The request was not complete after {self._seconds:.0f} s. Send it again.")

    def _refuse(self, status: int, detail: str, code: str | None = None) -> None:
        self._refused = True
        self._cancel_deadline()
        sent = self.requestHeaders.getAllRawHeaders()
        headers = [(name.lower(), value) for name, values in sent for value in values]
        _turn_away(self.channel.transport, status, detail, code, headers)

    def _cancel_deadline(self) -> None:
        if self._deadline.active():
            self._deadline.cancel()


def _turn_away(
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
    _reactor.callLater(LINGER_SECONDS, transport.abortConnection)

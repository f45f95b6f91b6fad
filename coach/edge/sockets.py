"""Daphne's (4.2) WebSocket with limits, so that neither side can fill our memory.

Importing this installs Twisted's reactor, so only `coach.edge.daphne.install` does.
"""

import asyncio
import struct
import time
from typing import Any, cast

from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import reactor
from twisted.internet.tcp import Connection

from coach import clock
from coach.edge.arrival import ARRIVED_AT
from coach.edge.close_codes import NOT_READING, TOO_BIG

# The client must read what the transport holds beyond 64 KiB within this time, or it is closed.
UNREAD_SECONDS = 10.0
# Time for a client that comes back late to read and answer the close frame.
LINGER_SECONDS = 5.0
# With this many waiting messages, or one this large, we stop reading from the network.
WAITING_MESSAGES = 64
LARGE_BYTES = 64 * 1024
LOOK_AGAIN_SECONDS = 0.01
# Empty fragments cost the sender nothing but pile up here: no honest message has this many.
FRAGMENTS_AT_MOST = 1_024
# Opcodes of RFC 6455, 5.2.
TEXT, BINARY = 0x1, 0x2


class Outflow:
    """A Twisted push producer: the transport calls it when the client falls behind and when it has caught up."""

    def __init__(self) -> None:
        self._flowing = asyncio.Event()
        self._flowing.set()

    def pauseProducing(self) -> None:
        self._flowing.clear()

    def resumeProducing(self) -> None:
        self._flowing.set()

    def stopProducing(self) -> None:
        self._flowing.set()

    @property
    def blocked(self) -> bool:
        return not self._flowing.is_set()

    async def caught_up(self) -> None:
        await self._flowing.wait()


class BoundedSocket(WebSocketProtocol):
    """Reads no faster than the application consumes, and makes the application wait for a slow client."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self._held_back = False
        self._fragments = 0
        self._out = Outflow()
        # The HTTP channel of this connection was registered here.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self._out, True)

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:
        """Answer 403 for an `Origin` that autobahn cannot read or match: it is as foreign as any other."""
        if reason.startswith(("HTTP Origin header", "WebSocket connection denied: origin")):
            # Its reason would repeat the header.
            reason, code = "Forbidden", 403
        super().failHandshake(reason, code, responseHeaders)

    async def written(self) -> None:
        """Wait until the client has caught up; close one that does not read."""
        if not self._out.blocked:
            return
        try:
            async with asyncio.timeout(UNREAD_SECONDS):
                await self._out.caught_up()
        except TimeoutError:
            self.closeHandshakeTimeout = LINGER_SECONDS
            self.serverClose(code=NOT_READING)
            # Nothing more will be sent, so wake waiters.
            self._out.stopProducing()

    def serverSend(self, content: Any, binary: bool = False) -> None:
        """Write a message in one call: autobahn (26.10) formats a log line for every frame, wanted or not."""
        if self.state != self.STATE_OPEN or self.send_queue or self._perMessageCompress is not None:
            super().serverSend(content, binary)
            return
        payload = content if binary else content.encode()
        self._write(_frame_head(BINARY if binary else TEXT, len(payload)) + payload)

    def _write(self, frame: bytes) -> None:
        """Hand a frame to the system at once if nothing waits before it.

        Twisted's `write` (26.10) only puts it down, and has the event loop say first whether the socket takes more.
        """
        transport = self.transport
        if isinstance(transport, Connection) and _writes_at_once(transport):
            sent = transport.writeSomeData(frame)
            # A lost connection is met again by `write`, which closes it in order.
            frame = frame[sent:] if isinstance(sent, int) else frame
        if frame:
            transport.write(frame)

    def onMessageBegin(self, isBinary: bool) -> None:
        super().onMessageBegin(isBinary)
        self._fragments = 0

    def onMessageFrameBegin(self, length: int) -> None:
        super().onMessageFrameBegin(length)
        self._fragments += 1
        if self._fragments > FRAGMENTS_AT_MOST and self.state == self.STATE_OPEN:
            self.serverClose(code=TOO_BIG)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Like Daphne's, plus the arrival time: a message may wait here for those before it."""
        if self.state != self.STATE_OPEN or self.muted:
            return
        self.last_ping = time.monotonic()
        content = {"bytes": payload} if isBinary else {"text": payload.decode()}
        self.application_queue.put_nowait({"type": "websocket.receive", **content, ARRIVED_AT: clock.now()})
        if not self._held_back and (len(payload) > LARGE_BYTES or self.application_queue.qsize() >= WAITING_MESSAGES):
            self._held_back = True
            self.transport.pauseProducing()
            self._look_again()

    def onPing(self, payload: bytes) -> None:
        """A client that does not read pongs gets none: a flood of pings must not pile them up."""
        if not self._out.blocked:
            super().onPing(payload)

    def _look_again(self) -> None:
        if self.state == self.STATE_CLOSED:
            return
        if self.application_queue.empty():
            self._held_back = False
            self.transport.resumeProducing()
        else:
            cast(Any, reactor).callLater(LOOK_AGAIN_SECONDS, self._look_again)


def _writes_at_once(transport: Connection) -> bool:
    open_ = transport.connected and not transport.disconnecting and not transport._writeDisconnected
    return bool(open_ and not transport.dataBuffer and not transport._tempDataBuffer)


def _frame_head(opcode: int, length: int) -> bytes:
    """The header of a whole, unmasked message (RFC 6455, 5.2)."""
    last = 0x80 | opcode
    if length < 126:
        return bytes((last, length))
    if length < 1 << 16:
        return struct.pack("!BBH", last, 126, length)
    return struct.pack("!BBQ", last, 127, length)

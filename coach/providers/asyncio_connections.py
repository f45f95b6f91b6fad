"""TCP and TLS connections for httpx on plain asyncio: a model's chunk of sound reaches us in half the processor time.

httpx's own go through anyio, which stops and starts the reading, and sets up a time limit, for every chunk.
"""

import asyncio
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

# Beyond this the sender has to wait until we have read on.
UNREAD_BYTES = 256 * 1024


class AsyncioTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over the connections of this module."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # httpcore takes it as an argument of its pool, which httpx (0.28) builds without one.
        self._pool._network_backend = AsyncioBackend()


class AsyncioBackend(httpcore.AsyncNetworkBackend):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> "AsyncioConnection":
        local = (local_address, 0) if local_address else None
        with _as_httpcore(httpcore.ConnectTimeout, httpcore.ConnectError):
            async with asyncio.timeout(timeout):
                loop = asyncio.get_running_loop()
                transport, arriving = await loop.create_connection(
                    _Arriving, host, port, local_addr=local, happy_eyeballs_delay=0.25
                )
            for option in socket_options or ():
                transport.get_extra_info("socket").setsockopt(*option)
        return AsyncioConnection(transport, arriving)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class AsyncioConnection(httpcore.AsyncNetworkStream):
    """One connection; httpcore reads and writes one thing at a time."""

    def __init__(self, transport: asyncio.Transport, arriving: "_Arriving") -> None:
        self._transport = transport
        self._arriving = arriving

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _as_httpcore(httpcore.ReadTimeout, httpcore.ReadError):
            return await self._arriving.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        with _as_httpcore(httpcore.WriteTimeout, httpcore.WriteError):
            self._arriving.check()
            self._transport.write(buffer)
            if not self._arriving.may_write.is_set():
                async with asyncio.timeout(timeout):
                    await self._arriving.may_write.wait()
                self._arriving.check()

    async def aclose(self) -> None:
        self._transport.abort()
        # The socket is closed in the event loop's next round.
        await asyncio.sleep(0)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "AsyncioConnection":
        loop = asyncio.get_running_loop()
        arriving = _Arriving()
        try:
            with _as_httpcore(httpcore.ConnectTimeout, httpcore.ConnectError):
                async with asyncio.timeout(timeout):
                    transport = await loop.start_tls(
                        self._transport, arriving, ssl_context, server_hostname=server_hostname
                    )
        except BaseException:
            self._transport.abort()
            raise
        assert transport is not None
        arriving.connection_made(transport)
        return AsyncioConnection(transport, arriving)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # Of an idle connection: its server has hung up, or sent what nobody asked for.
            return self._arriving.is_readable
        names = {"client_addr": "sockname", "server_addr": "peername"}
        return self._transport.get_extra_info(names.get(info, info))


class _Arriving(asyncio.Protocol):
    """What has arrived on one connection and was not read yet."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._over = False
        self._gone = False
        self._broken: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self.may_write = asyncio.Event()
        self.may_write.set()

    @property
    def is_readable(self) -> bool:
        return self._over or bool(self._bytes)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        if len(self._bytes) > UNREAD_BYTES and not self._paused and self._transport:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._over = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._over, self._gone, self._broken = True, True, exc
        self.may_write.set()
        self._wake()

    def pause_writing(self) -> None:
        self.may_write.clear()

    def resume_writing(self) -> None:
        self.may_write.set()

    def check(self) -> None:
        """Raises OSError if the connection is gone."""
        if self._gone:
            raise self._broken or ConnectionResetError("the connection is closed")

    async def read(self, most: int, timeout: float | None) -> bytes:
        """Up to `most` bytes of what arrived; empty at the end. Raises OSError, or TimeoutError after `timeout` s."""
        if not self._bytes and not self._over:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                if timeout is None:
                    await self._reader
                else:
                    async with asyncio.timeout(timeout):
                        await self._reader
            finally:
                self._reader = None
        if not self._bytes and self._broken:
            raise self._broken
        taken = bytes(self._bytes[:most])
        del self._bytes[:most]
        if self._paused and self._transport and not self._over:
            self._paused = False
            self._transport.resume_reading()
        return taken

    def _wake(self) -> None:
        if self._reader and not self._reader.done():
            self._reader.set_result(None)


@contextmanager
def _as_httpcore(late: type[Exception], broken: type[Exception]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:
        raise broken(str(error)) from error

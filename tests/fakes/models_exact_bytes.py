"""Sends answers of the fake models as exact bytes, including ones that no HTTP library would send."""

import asyncio
import base64
import socket
import struct
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_connections: dict[tuple[str, int], asyncio.Transport] = {}


class KnownConnection(H11Protocol):
    """Gives answers access to the connection beneath the HTTP library."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        _connections[transport.get_extra_info("peername")[:2]] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _connections.pop(self.transport.get_extra_info("peername")[:2], None)
        super().connection_lost(exc)


def encoded(sends: list[bytes | str | float]) -> list[str | float]:
    """Encode for sending to the fake: bytes as base64; numbers are seconds to wait."""
    return [float(each) if isinstance(each, int | float) else base64.b64encode(_bytes(each)).decode() for each in sends]


async def send(client: tuple[str, int], answer: dict[str, Any]) -> None:
    """Send what the script says, then `close`, `reset` or `hang` until the client leaves."""
    transport = _connections[tuple(client)]
    if not answer.get("exact"):
        kind = answer.get("content_type", "text/event-stream")
        transport.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n".encode())
    for step in answer["sends"]:
        if isinstance(step, float | int):
            await asyncio.sleep(step)
        else:
            transport.write(base64.b64decode(step))
    then = answer.get("then", "close")
    if then == "hang":
        await asyncio.Event().wait()
    if then == "reset":
        # Wait until the bytes have arrived: a reset discards what the other side has not read yet.
        await asyncio.sleep(0.1)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        return
    transport.close()


def _bytes(each: bytes | str) -> bytes:
    return each.encode("utf-8", "surrogatepass") if isinstance(each, str) else each

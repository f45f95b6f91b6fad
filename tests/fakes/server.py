"""Serves all fakes from one thread for as long as the test process lives.

Stopping a server with its own thread takes a fifth of a second, and hundreds of tests start a fake of their own.
"""

import asyncio
import functools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

SECONDS = 60.0


@contextmanager
def serving(application: Any, *, port: int = 0, **options: Any) -> Iterator[str]:
    """Yields `http://127.0.0.1:PORT`, where `application` answers until the block ends; `port` 0 means any free port.

    Requests still running then are cancelled. Raises TimeoutError if that takes longer than `SECONDS`.
    """
    with listening(port) as door:
        server = uvicorn.Server(configured(application, **options))
        asyncio.run_coroutine_threadsafe(_begin(server, door), _loop()).result(SECONDS)
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            asyncio.run_coroutine_threadsafe(_end(server), _loop()).result(SECONDS)


def configured(application: Any, **options: Any) -> uvicorn.Config:
    return uvicorn.Config(application, log_config=None, log_level="critical", lifespan="off", **options)


def listening(port: int) -> socket.socket:
    """A listening socket with TCP_NODELAY, which connections inherit; asyncio sets it only if the socket names TCP."""
    made = socket.create_server(("127.0.0.1", port))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


async def _begin(server: uvicorn.Server, door: socket.socket) -> None:
    serving = asyncio.ensure_future(server.serve(sockets=[door]))
    _kept.add(serving)
    serving.add_done_callback(_kept.discard)
    while not server.started:  # noqa: ASYNC110 (it tells nobody)
        await asyncio.sleep(0)


async def _end(server: uvicorn.Server) -> None:
    """Close everything now, instead of when the server's own loop next looks."""
    server.should_exit = server.force_exit = True
    for each in server.servers:
        each.close()
    for connection in list(server.server_state.connections):
        connection.transport.abort()  # type: ignore[union-attr]
    answering = list(server.server_state.tasks)
    for task in answering:
        task.cancel()
    await asyncio.gather(*answering, return_exceptions=True)


_kept: set[asyncio.Future[None]] = set()


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="fakes", daemon=True).start()
    return loop

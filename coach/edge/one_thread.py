"""Django's ASGI handler, changing threads once for a request's middleware and view, in threads that stay.

Django's own changes them for every middleware that looks at the view, and begins a thread, with a database connection
to open, for every request.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase

THREADS_KEPT = 16
"""Idle ones; as many more run as requests are under way."""


class LentThreads:
    """Threads that are lent to one request at a time and keep their database connection. Use it from the event loop."""

    def __init__(self, kept: int = THREADS_KEPT) -> None:
        self._kept = kept
        self._idle: list[ThreadPoolExecutor] = []

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Inside, all work that `sync_to_async` hands on runs in one thread, and nobody else's does."""
        thread = self._idle.pop() if self._idle else ThreadPoolExecutor(1, thread_name_prefix="request")
        try:
            async with ThreadSensitiveContext(executor=thread):
                yield
        finally:
            # The work of a client that has left may still be running: the thread comes back by itself, after it.
            thread.submit(self._come_back, thread)

    def _come_back(self, thread: ThreadPoolExecutor) -> None:
        if len(self._idle) < self._kept:
            self._idle.append(thread)
        else:
            connections.close_all()
            thread.shutdown(wait=False)


class OneThreadHandler(ASGIHandler):
    """For a project without asynchronous views and middleware."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = LentThreads()

    def load_middleware(self, is_async: bool = False) -> None:
        """Not adapted to the event loop, whatever is asked: `run_get_response` leaves it for all of it."""
        super().load_middleware(is_async=False)

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Mapping[str, Any]]],
        send: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        async with self._threads.one():
            await self.handle(scope, receive, send)

    async def run_get_response(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await sync_to_async(self.get_response)(request)
        response._handler_class = self.__class__  # type: ignore[attr-defined]
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        return response

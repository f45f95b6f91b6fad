"""A request's middleware and view run in one thread, because each change of threads costs a third of a millisecond."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from asgiref.sync import SyncToAsync, sync_to_async

from coach.edge.one_thread import LentThreads, OneThreadHandler

# Three: Django's work before the request, all middleware and the view, and Django's work afterwards.
CHANGES = 3


async def test_middleware_and_view_run_in_one_thread(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[Any] = []
    call = SyncToAsync.__call__

    async def counted(self: SyncToAsync[Any, Any], *args: Any, **kwargs: Any) -> Any:
        entered.append(self.func)
        return await call(self, *args, **kwargs)

    transport = httpx.ASGITransport(app=OneThreadHandler())  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        monkeypatch.setattr(SyncToAsync, "__call__", counted)
        assert (await client.get("/api/scenarios")).status_code == 200
    assert len(entered) <= CHANGES, entered


async def test_a_thread_serves_one_request_at_a_time_and_is_reused_when_free() -> None:
    held, free, back = threading.Event(), threading.Event(), threading.Event()

    class WatchedThreads(LentThreads):
        def _come_back(self, thread: ThreadPoolExecutor) -> None:
            super()._come_back(thread)
            back.set()

    threads = WatchedThreads(kept=1)
    seen: list[threading.Thread] = []

    def work() -> None:
        seen.append(threading.current_thread())
        held.set()
        assert free.wait(10)

    async def request() -> None:
        async with threads.one():
            await sync_to_async(work)()

    left = asyncio.create_task(request())
    assert await asyncio.to_thread(held.wait, 10)
    left.cancel()  # its client hangs up; the work goes on
    await asyncio.wait([left])
    held.clear()
    other = asyncio.create_task(request())
    assert await asyncio.to_thread(held.wait, 10)
    assert len(set(seen)) == 2
    free.set()
    await other
    assert await asyncio.to_thread(back.wait, 10)
    await request()
    assert seen[2] in seen[:2]

"""A request passes all middleware in one thread: each change of threads takes a third of a millisecond."""

from typing import Any

import pytest
from asgiref.sync import SyncToAsync
from django.test import AsyncClient

# All middleware together, each of the three that looks at the view, and what Django does before and after.
CHANGES = 6


async def test_a_request_does_not_change_threads_for_each_middleware(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered: list[Any] = []
    call = SyncToAsync.__call__

    async def counted(self: SyncToAsync[Any, Any], *args: Any, **kwargs: Any) -> Any:
        entered.append(self.func)
        return await call(self, *args, **kwargs)

    client = AsyncClient()
    await client.get("/api/scenarios")  # loads the middleware
    monkeypatch.setattr(SyncToAsync, "__call__", counted)
    assert (await client.get("/api/scenarios")).status_code == 200
    assert len(entered) <= CHANGES, entered

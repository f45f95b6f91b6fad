"""Start hooks of a web process run in order, drain hooks together and within a time limit."""

import asyncio
import gc
import weakref

import pytest

from coach.edge import garbage
from coach.edge.lifespan import Lifespan


async def test_start_hooks_run_in_order_before_the_process_counts_as_started() -> None:
    life, seen = Lifespan(), []

    @life.on_start
    async def first() -> None:
        seen.append(("first", life.started))

    @life.on_start
    async def second() -> None:
        seen.append(("second", life.started))

    await life.start()
    assert seen == [("first", False), ("second", False)]
    assert life.started


async def test_a_failing_start_hook_stops_the_start() -> None:
    life = Lifespan()

    @life.on_start
    async def broken() -> None:
        raise ValueError("no feed")

    with pytest.raises(ValueError, match="no feed"):
        await life.start()
    assert not life.started


async def test_drain_hooks_run_concurrently_and_see_that_the_process_is_draining() -> None:
    life, met = Lifespan(), asyncio.Barrier(2)
    seen = []

    for name in ("replies", "sweep"):

        @life.on_drain
        async def hand_over(name: str = name) -> None:
            await met.wait()
            seen.append((name, life.draining))

    await life.drain(seconds=5)
    assert sorted(seen) == [("replies", True), ("sweep", True)]


async def test_a_failing_or_hanging_drain_hook_does_not_delay_the_exit() -> None:
    life, cancelled = Lifespan(), asyncio.Event()

    @life.on_drain
    async def broken() -> None:
        raise ValueError

    @life.on_drain
    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    await life.drain(seconds=0.01)
    await asyncio.wait_for(cancelled.wait(), 60)


def test_objects_loaded_at_start_are_exempt_from_garbage_collection() -> None:
    threshold = gc.get_threshold()
    gc.unfreeze()  # what tests/conftest.py has left out
    try:
        assert gc.get_freeze_count() == 0
        garbage.keep_what_is_loaded()
        assert gc.get_freeze_count() > 0
        later = type("Later", (), {})()
        later.itself, gone = later, weakref.ref(later)
        del later
        gc.collect()
        assert gone() is None, "what comes later is collected as ever"
    finally:
        gc.set_threshold(*threshold)

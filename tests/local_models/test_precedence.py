"""The order in which one model serves its callers: turns, then prefill, then background work."""

import asyncio

import pytest

from coach.local_models.language_model.llm import EngineError, Precedence


async def test_background_work_gives_way_to_a_turn_and_is_done_afterwards() -> None:
    precedence, runs = Precedence(), []
    begun, turn_is_over = asyncio.Event(), asyncio.Event()

    async def work() -> str:
        runs.append("begun")
        begun.set()
        if not turn_is_over.is_set():
            await asyncio.Event().wait()
        return "answer"

    paper = asyncio.create_task(precedence.background(work))
    await begun.wait()
    async with precedence.turn():
        await asyncio.sleep(0)
        assert runs == ["begun"]
        turn_is_over.set()
    assert await asyncio.wait_for(paper, 60) == "answer"
    assert runs == ["begun", "begun"]


async def test_background_work_is_cancelled_with_its_caller() -> None:
    precedence, stopped, begun = Precedence(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    paper = asyncio.create_task(precedence.background(work))
    await begun.wait()
    paper.cancel()
    await asyncio.wait_for(stopped.wait(), 60)


async def test_prefill_comes_before_background_work_and_after_turns() -> None:
    precedence, done = Precedence(), []

    async def work(what: str) -> None:
        await asyncio.sleep(0)
        done.append(what)

    async with precedence.turn():
        paper = asyncio.create_task(precedence.background(lambda: work("paper")))
        reading = asyncio.create_task(precedence.reading(lambda: work("reading")))
        await asyncio.sleep(0)
        assert done == []
    await asyncio.wait_for(asyncio.gather(paper, reading), 60)
    assert done == ["reading", "paper"]


async def test_no_background_work_begins_while_somebody_speaks() -> None:
    precedence, begun = Precedence(pause_seconds=0), asyncio.Event()

    async def work() -> None:
        begun.set()

    async with precedence.speech():
        paper = asyncio.create_task(precedence.background(work))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not begun.is_set()
    await asyncio.wait_for(paper, 60)


async def test_failing_background_work_raises_its_error() -> None:
    async def work() -> None:
        raise EngineError("broken")

    with pytest.raises(EngineError, match="broken"):
        await Precedence().background(work)

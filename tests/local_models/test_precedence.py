"""Who goes first if one model serves everybody: a turn, then reading ahead, then background work."""

import asyncio

import pytest

from coach.local_models.llm import EngineError, Precedence


async def test_paperwork_gives_way_to_a_turn_and_is_done_afterwards() -> None:
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


async def test_a_caller_who_leaves_takes_the_paperwork_along() -> None:
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


async def test_what_is_read_ahead_goes_before_the_paperwork_and_behind_the_turn() -> None:
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


async def test_no_paperwork_begins_while_somebody_speaks() -> None:
    precedence, begun = Precedence(pause_seconds=0), asyncio.Event()

    async def work() -> None:
        begun.set()

    async with precedence.speech():
        paper = asyncio.create_task(precedence.background(work))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not begun.is_set()
    await asyncio.wait_for(paper, 60)


async def test_paperwork_that_fails_says_why() -> None:
    async def work() -> None:
        raise EngineError("broken")

    with pytest.raises(EngineError, match="broken"):
        await Precedence().background(work)

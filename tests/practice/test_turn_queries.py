"""A turn takes a bounded number of statements, however long the conversation; they were half of its CPU time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.db.backends import utils

from coach.threads import in_thread
from practice import web_runtime
from practice.models import Turn
from practice.turns import replies
from tests import cast
from tests.practice.running_web import RunningWeb, running
from tests.talker import Talker

# A socket may read the session once more or less, depending on timing.
LOOK = 2


@pytest.fixture
async def web(
    transactional_db: None,
    redis_server: None,
    fake: Any,
    clock: Any,
    calls: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[RunningWeb]:
    """A web process without its sweep, which is not part of a turn."""
    monkeypatch.setattr(web_runtime, "SWEEP_SECONDS", 3_600.0)
    monkeypatch.setattr(replies, "RENEW_SECONDS", 3_600.0)
    async with running(fake, clock) as made:
        yield made


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All statements of any thread from now on."""
    asked: list[str] = []
    execute = utils.CursorWrapper.execute

    def counted(cursor: Any, sql: str, params: Any = None) -> Any:
        asked.append(sql)
        return execute(cursor, sql, params)

    monkeypatch.setattr(utils.CursorWrapper, "execute", counted)
    return asked


async def exchanged(web: RunningWeb, talker: Talker, sequence: int, statements: list[str]) -> int:
    """How many statements one turn and its reply take, including the objective check."""
    before, looks = len(statements), 0
    assert (await talker.type(sequence, "What do you propose?"))["receipt"]["status"] == "accepted"
    reply = await talker.reply(sequence + 1)
    unchecked = Turn.objects.filter(pk=reply["id"], objective_check_at__isnull=False)
    async with asyncio.timeout(30):
        while await in_thread(unchecked.exists):
            looks += 1
            await asyncio.sleep(0.02)
    return len(statements) - before - looks - 1


@pytest.mark.parametrize(
    ("scenario", "at_most"),
    [(cast.scenario, 23), (cast.scenario_with_brief, 31)],
    ids=["without a role brief", "with one, played by a model with a key"],
)
async def test_a_typed_turn_takes_a_bounded_number_of_statements(
    web: RunningWeb, statements: list[str], scenario: Any, at_most: int
) -> None:
    session_id = await web.started(await in_thread(scenario))
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        counted = [await exchanged(web, talker, sequence, statements) for sequence in (1, 3, 5, 7)]
    assert max(counted[1:]) <= at_most + LOOK, counted

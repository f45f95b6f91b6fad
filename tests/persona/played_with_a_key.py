"""Talks in which a model plays the brief, and the text model says what was called for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from coach.threads import in_thread
from practice.models import Turn
from practice.persona.rules.role_state import RoleState
from practice.turns import goal_check
from tests import cast
from tests.practice.running_web import RunningWeb, running
from tests.telemetry.recording import recorded  # noqa: F401

LATE = "The search page was four days late."
WHY = "What is getting in your way?"
RUDE = "You are useless."
LOCKED = "I have been taking the support calls."
CHECK = "objective_check_result"


@pytest.fixture
async def web(
    transactional_db: None,
    redis_server: Any,
    fake: Any,
    clock: Any,
    calls: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[RunningWeb]:
    monkeypatch.setattr(goal_check, "CLOUD_SECONDS", 30.0)
    async with running(fake, clock) as made:
        yield made


async def begun(web: RunningWeb, talker: Any) -> None:
    await talker.reply(0)


async def said(web: RunningWeb, talker: Any, sequence: int, line: str, *reactions: str, **judged: Any) -> None:
    """One exchange that the text model says triggered these reactions; waits until the state is updated."""
    web.fake.answer(CHECK, arguments={"status": "continue", "reason": None, "reactions": list(reactions)} | judged)
    await exchanged(talker, sequence, line)


async def exchanged(talker: Any, sequence: int, line: str) -> None:
    """One exchange; waits until its check is done."""
    assert (await talker.type(sequence, line))["receipt"]["status"] == "accepted"
    await talker.reply(sequence + 1)
    await checked(session_of(talker))


async def checked(session_id: str, **which: int) -> None:
    """Wait until no turn of the session, or none of `which`, waits for its check."""
    due = Turn.objects.filter(session_id=session_id, objective_check_at__isnull=False, **which)
    async with asyncio.timeout(30):
        while await in_thread(due.exists):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def session_of(talker: Any) -> str:
    return str(talker.heard[0]["session"]["id"])


async def state(session_id: str, sequence: int) -> RoleState:
    stored = Turn.objects.values_list("role_state", flat=True)
    return RoleState.read(await in_thread(stored.get, session_id=session_id, sequence=sequence))


async def started(web: RunningWeb, **changes: Any) -> str:
    return await web.started(await in_thread(cast.scenario_with_brief), **changes)

"""Evaluation with real processes: web, worker, scheduler, and a fake evaluator service over HTTP."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests import cast, stack
from tests.audio import sounds
from tests.stack import until
from tests.talker import Talker

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

TOOL = "evaluation_result"
CHECK = "objective_check_result"
MP3 = sounds.mp3(1.5)
SAID = "The last three deadlines slipped."
# Nobody renews it any more: twenty seconds pass at once.
THE_LEASE_RUNS_OUT = """
from coach import clock
from evaluations.models import Evaluation
answer = Evaluation.objects.filter(status="running").update(claimed_until=clock.now())
"""


@pytest.fixture(scope="module")
def up() -> Iterator[stack.Stack]:
    with stack.running(beat=True) as made:
        yield made


@pytest.fixture(autouse=True)
def _fresh(up: stack.Stack) -> None:
    up.fake.reset()


def evaluation(up: stack.Stack, session_id: str) -> dict[str, Any]:
    return dict(up.get(f"/api/sessions/{session_id}/evaluation").json())


async def settled(up: stack.Stack, session_id: str, seconds: float = 60.0) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        found = evaluation(up, session_id)
        return found if found["status"] in ("completed", "failed") else None

    return dict(await asyncio.to_thread(until, done, seconds))


async def opened(talker: Talker) -> None:
    """Wait until the AI has said its first line, before or after the socket opened."""
    first = await talker.hear("session")
    if not any(turn["transcript"] for turn in first["turns"]):
        await talker.hear("ai_turn")


@asynccontextmanager
async def being_scored(up: stack.Stack) -> AsyncIterator[tuple[str, Talker]]:
    """Yields the id and socket of an ended session whose first evaluation hangs in the model."""
    up.fake.answer(TOOL, stall="first")
    session_id = await asyncio.to_thread(lambda: up.started(up.scenario()))
    async with up.socket(session_id) as talker:
        await opened(talker)
        await talker.type(1, SAID)
        await stop(up, session_id)
        await asyncio.to_thread(up.fake.wait_for, 1, TOOL)
        yield session_id, talker


async def stop(up: stack.Stack, session_id: str) -> None:
    stopped = await asyncio.to_thread(up.post, f"/api/sessions/{session_id}/manual-stop", {"reason": "manual"})
    assert stopped.status_code == 202


async def test_the_socket_hears_the_result_of_a_conversation(up: stack.Stack) -> None:
    up.fake.answer("asr", text=SAID, times=None)
    up.fake.answer(TOOL, first_delay_ms=1000, times=None)
    session_id = await asyncio.to_thread(lambda: up.started(up.scenario()))
    async with up.socket(session_id) as talker:
        await opened(talker)
        assert (await talker.say(1, MP3))["type"] == "turn_accepted"
        await talker.hear("ai_turn")
        await talker.send("stop", reason="manual")
        await talker.hear("termination")
        ready = (await talker.hear("evaluation_ready"))["evaluation"]
    assert (ready["status"], ready["attempts"], len(ready["scores"])) == ("completed", 1, 2)
    assert ready == evaluation(up, session_id)
    assert up.get(f"/api/sessions/{session_id}", params={"historyStepCount": 1}).json()["evaluation"] == ready


async def test_evaluation_waits_for_the_last_transcription_and_then_starts(up: stack.Stack) -> None:
    up.fake.answer("asr", text=SAID, hold="hearing", times=None)
    session_id = await asyncio.to_thread(lambda: up.started(up.scenario()))
    async with up.socket(session_id) as talker:
        await opened(talker)
        await talker.say(1, MP3)
        await asyncio.to_thread(up.fake.wait_for, 1, "asr")
        await stop(up, session_id)
        await talker.hear("termination")
        assert (evaluation(up, session_id)["status"], up.fake.requests(TOOL)) == ("pending", [])
        up.fake.release("hearing")
        await talker.hear("evaluation_ready")
    assert SAID in up.fake.requests(TOOL)[0]["body"]["messages"][1]["content"]


async def test_a_worker_judges_what_the_check_of_a_turn_missed(up: stack.Stack) -> None:
    up.fake.answer(CHECK, fault="503", times=2)
    up.fake.answer(CHECK, arguments={"status": "continue", "reason": None, "reactions": ["late-work"]})
    brief = {"ai_persona_brief": cast.role_brief(), "end_criteria": cast.BRIEF_CRITERIA}
    session_id = await asyncio.to_thread(lambda: up.started(up.scenario(**brief)))
    async with up.socket(session_id) as talker:
        await opened(talker)
        await talker.type(1, SAID)
        await talker.hear("ai_turn")
        await asyncio.to_thread(up.fake.wait_for, 2, CHECK, having="endedAt")
        await stop(up, session_id)
        ready = (await talker.hear("evaluation_ready"))["evaluation"]
    assert [(each["met"], each["sequence"]) for each in ready["criteria"]] == [(True, 1), (False, None), (False, None)]


async def test_a_worker_told_to_stop_ends_in_time_and_releases_its_job(up: stack.Stack) -> None:
    up.kill("worker", signal.SIGTERM)
    up.restart("worker", WORKER_STOP_SECONDS="1")
    async with being_scored(up) as (session_id, talker):
        up.signal("worker", signal.SIGTERM)
        assert await asyncio.to_thread(up.ended, "worker") == 0
        assert up.run("""
from coach import clock
from evaluations.models import Evaluation
answer = Evaluation.objects.filter(status="running", claimed_until__lte=clock.now()).count()
""") == 1  # fmt: skip
        up.restart("worker")
        ready = (await talker.hear("evaluation_ready", timeout=90))["evaluation"]
    assert (ready["status"], ready["attempts"]) == ("completed", 2)


async def test_the_job_of_a_worker_killed_while_scoring_is_taken_over(up: stack.Stack) -> None:
    async with being_scored(up) as (session_id, talker):
        assert evaluation(up, session_id)["status"] == "running"
        up.kill("worker", signal.SIGKILL)
        up.run(THE_LEASE_RUNS_OUT)
        up.restart("worker")
        ready = (await talker.hear("evaluation_ready", timeout=90))["evaluation"]
    assert (ready["status"], ready["attempts"]) == ("completed", 2)


async def test_a_job_lost_with_its_broker_is_found_again(up: stack.Stack) -> None:
    up.kill("worker", signal.SIGKILL)
    session_id = await asyncio.to_thread(lambda: up.started(up.scenario()))
    async with up.socket(session_id) as talker:
        await opened(talker)
        await talker.type(1, SAID)
        await talker.hear("ai_turn")
        await stop(up, session_id)
        await talker.hear("termination")
    up.kill_redis()
    up.start_redis()
    up.restart("worker")
    assert (await settled(up, session_id, 90))["status"] == "completed"
    assert len(up.fake.requests(TOOL)) == 1


async def test_a_requeued_failed_evaluation_is_scored(up: stack.Stack) -> None:
    up.fake.answer(TOOL, fault="401")
    session_id = await asyncio.to_thread(lambda: up.started(up.scenario()))
    async with up.socket(session_id) as talker:
        await opened(talker)
        await talker.type(1, SAID)
        await stop(up, session_id)
        failed = (await talker.hear("evaluation_ready"))["evaluation"]
        assert (failed["status"], "CHATAI_API_KEY" in failed["lastError"]) == ("failed", True)
        asked = await asyncio.to_thread(up.post, f"/api/sessions/{session_id}/evaluation")
        assert (asked.status_code, asked.json()["attempts"]) == (202, 2)
        ready = (await talker.hear("evaluation_ready"))["evaluation"]
    assert (ready["status"], ready["attempts"]) == ("completed", 2)


async def test_hanging_evaluations_do_not_delay_transcription(up: stack.Stack) -> None:
    up.fake.answer(TOOL, stall="first", times=None)
    scenario = await asyncio.to_thread(up.scenario)
    for _ in range(10):
        session_id = await asyncio.to_thread(up.started, scenario)
        async with up.socket(session_id) as talker:
            await opened(talker)
            await talker.type(1, SAID)
            await stop(up, session_id)
            await talker.hear("termination")
    # As many as this stack's worker, which serves all queues, has threads for.
    await asyncio.to_thread(up.fake.wait_for, 2, TOOL)
    up.fake.answer("asr", text=SAID, times=None)
    session_id = await asyncio.to_thread(up.started, scenario)
    async with up.socket(session_id) as talker:
        await opened(talker)
        await talker.say(1, MP3)
        heard = await talker.hear("turn_updated")
    assert heard["turn"]["transcript"] == SAID
    assert len(up.fake.requests(TOOL)) == 2

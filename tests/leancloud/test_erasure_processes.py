"""With real processes, an erasure leaves nothing here or in LeanCloud, whatever was running and whichever died."""

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests import stack
from tests.audio import sounds
from tests.fakes.leancloud import LeanCloudFake
from tests.fakes.leancloud_wire import serve
from tests.stack import until
from tests.talker import Talker

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

TOOL = "evaluation_result"
MP3 = sounds.mp3(1.5)
SAID = "The last three deadlines slipped."
OF_A_SESSION = ("PracticeSession", "Turn", "Evaluation")
ROWS = """
from django.apps import apps
models = ["practice.PracticeSession", "practice.Turn", "evaluations.Evaluation", "evaluations.SkillScore",
          "storage.AudioFile", "storage.AudioDeletion", "leancloud.OutboxRow", "history.Visit", "history.Tally"]
answer = {name: count for name in models if (count := apps.get_model(name).objects.count())}
answer |= {"RemoteObject": count for count in [
    apps.get_model("leancloud.RemoteObject").objects.exclude(class_name__in=["Skill", "Scenario"]).count()] if count}
"""
WAKE = """
from coach.leancloud import tasks as leancloud
from coach.storage import tasks as storage
from history import tasks as history
for task in (storage.sweep, leancloud.mirror_due, history.sweep):
    task.delay()
"""
# Makes every later retry due now, except uploads that a worker is doing.
TIME_PASSES = """
from datetime import timedelta
from coach import clock
from coach.leancloud.models import OutboxRow
from coach.storage.models import AudioDeletion, AudioFile
now = clock.now()
for model in (AudioDeletion, OutboxRow):
    model.objects.update(next_attempt_at=now)
soon = now + timedelta(minutes=2)
AudioFile.objects.filter(settled_at=None, next_attempt_at__lt=soon).update(next_attempt_at=now)
"""
LEASE_RUNS_OUT = "from coach.leancloud.models import OutboxLease; from coach import clock; "
LEASE_RUNS_OUT += "OutboxLease.objects.update(until=clock.now()); answer = 1"
ERASURES = "from history.models import Erasure; answer = [e.confirmed_at is not None for e in Erasure.objects.all()]"
TRIES = "from coach.storage.models import AudioDeletion; answer = [d.attempts for d in AudioDeletion.objects.all()]"


@dataclass
class Mirrored:
    up: stack.Stack
    lean: LeanCloudFake

    def wake(self) -> None:
        self.up.run(TIME_PASSES + WAKE + "answer = 1")

    def rows(self) -> dict[str, int]:
        return dict(self.up.run(ROWS))

    def elsewhere(self) -> dict[str, int]:
        """What LeanCloud still has of sessions: objects, files and bytes."""
        kept = {name: len(self.lean.objects[name]) for name in OF_A_SESSION}
        kept |= {"files": len(self.lean.files), "content": len(self.lean.content)}
        return {name: count for name, count in kept.items() if count}

    def until_settled(self) -> None:
        """Wake the worker, as the scheduler does, until LeanCloud has everything and no work is open."""

        def settled() -> bool:
            self.wake()
            rows = self.rows()
            return not rows.get("leancloud.OutboxRow") and len(self.lean.content) == rows.get("storage.AudioFile", 0)

        until(settled, every=0.3)

    def until_tried(self, times: int) -> None:
        """Wake the worker until it has tried this often; a killed worker's claim expires meanwhile."""

        def tried() -> bool:
            self.wake()
            tries = self.up.run(TRIES)
            return bool(tries) and min(tries) >= times

        until(tried, every=0.3)

    def until_confirmed(self) -> None:
        def confirmed() -> bool:
            self.wake()
            return all(self.up.run(ERASURES))

        until(confirmed, every=0.3)

    def erase(self, session_id: str) -> None:
        address = f"{self.up.address()}/api/sessions/{session_id}"
        assert httpx.delete(address, trust_env=False, timeout=20).status_code == 204
        assert self.up.get(f"/api/sessions/{session_id}?historyStepCount=1").status_code == 404


@pytest.fixture(scope="module")
def mirrored() -> Iterator[Mirrored]:
    with serve(LeanCloudFake()) as lean:
        keys = {"LEAN_APP_ID": lean.app_id, "LEAN_APP_KEY": lean.app_key, "LEAN_MASTER_KEY": lean.master_key}
        with stack.running(prepare=stack.migrate, LEAN_SERVER_URL=lean.url, **keys) as up:
            yield Mirrored(up, lean)


async def opened(talker: Talker) -> None:
    await talker.hear("session")
    await talker.reply(0)


async def test_a_store_that_is_down_and_a_killed_worker_only_delay_an_erasure(
    mirrored: Mirrored,
) -> None:
    up, lean = mirrored.up, mirrored.lean
    up.fake.reset()
    up.fake.answer("roleplay", audio_ms=0, times=None)
    session_id = await asyncio.to_thread(lambda: up.started(up.scenario()))
    async with up.socket(session_id) as talker:
        await opened(talker)
        await talker.say(1, MP3)
        await talker.reply(2)
        await talker.send("stop", reason="manual")
        await talker.hear("evaluation_ready")
    await asyncio.to_thread(mirrored.until_settled)
    assert mirrored.elsewhere() == {"PracticeSession": 1, "Evaluation": 1, "Turn": 3, "files": 1, "content": 1}

    lean.down = True
    mirrored.erase(session_id)
    for attempt in (1, 2, 3):
        mirrored.wake()
        if attempt == 2:
            asked = len(lean.requests)
            await asyncio.to_thread(until, lambda asked=asked: len(lean.requests) > asked)
            up.kill("worker", signal.SIGKILL)
            up.run(LEASE_RUNS_OUT)
            up.restart("worker")
            mirrored.wake()
        await asyncio.to_thread(mirrored.until_tried, attempt)
    assert up.run(ERASURES) == [False]
    assert "Deletions that aren't complete in every store" in operators_page(up)

    lean.down = False
    await asyncio.to_thread(mirrored.until_confirmed)
    assert (mirrored.elsewhere(), mirrored.rows()) == ({}, {})
    assert up.get(f"/api/sessions/{session_id}?historyStepCount=1").status_code == 404


def operators_page(up: stack.Stack) -> str:
    code = """
from datetime import timedelta
from coach import clock
from history.operator_reports import operations_report
found = operations_report.troubles(clock.now() - timedelta(days=1))
answer = [str(one.title) for one in found if one.count]
"""
    return " ".join(up.run(code))


async def test_a_session_erased_during_reply_and_transcription_leaves_nothing_behind(mirrored: Mirrored) -> None:
    up = mirrored.up
    up.fake.reset()
    up.fake.answer("roleplay")
    up.fake.answer("roleplay", text=["I hear ", "you."], hold="speaking", hold_at=1)
    up.fake.answer("asr", text=SAID, hold="hearing")
    session_id = await asyncio.to_thread(lambda: up.started(up.scenario()))
    async with up.socket(session_id) as talker:
        await opened(talker)
        await talker.say(1, MP3)
        await asyncio.to_thread(up.fake.wait_for, 2, "roleplay")
        await asyncio.to_thread(up.fake.wait_for, 1, "asr")
        await asyncio.to_thread(mirrored.erase, session_id)
        assert await talker.closed() == 4404
    up.fake.release("speaking")
    up.fake.release("hearing")
    await asyncio.to_thread(up.fake.wait_for, 1, "asr", having="endedAt")
    await asyncio.to_thread(mirrored.until_confirmed)
    assert (mirrored.elsewhere(), mirrored.rows()) == ({}, {})
    assert "Traceback" not in up.log("worker") + up.log("web")


async def test_a_session_erased_while_it_is_evaluated_leaves_nothing_behind(mirrored: Mirrored) -> None:
    up = mirrored.up
    up.fake.reset()
    up.fake.answer(TOOL, hold="judging")
    session_id = await asyncio.to_thread(lambda: up.started(up.scenario()))
    async with up.socket(session_id) as talker:
        await opened(talker)
        await talker.type(1, SAID)
        await talker.reply(2)
        await talker.send("stop", reason="manual")
        await asyncio.to_thread(up.fake.wait_for, 1, TOOL)
        await asyncio.to_thread(mirrored.erase, session_id)
    up.fake.release("judging")
    await asyncio.to_thread(up.fake.wait_for, 1, TOOL, having="endedAt")
    await asyncio.to_thread(mirrored.until_confirmed)
    assert (mirrored.elsewhere(), mirrored.rows()) == ({}, {})
    assert "Traceback" not in up.log("worker") + up.log("web")


def test_everything_is_erased_at_once(mirrored: Mirrored) -> None:
    up = mirrored.up
    up.run("""
from tests import cast
from tests.history.cast import past_sessions
from tests.talker import real_now
past_sessions([cast.scenario()], 450, at=real_now().replace(year=2024))
answer = 1
""")
    with httpx.Client(base_url=up.address(), trust_env=False, timeout=60) as browser:
        page = browser.get("/history/erase/")
        assert "450 sessions" in page.text
        token = browser.cookies["csrftoken"]
        done = browser.post("/history/erase/", data={"csrfmiddlewaretoken": token}, follow_redirects=True)
    assert "Everything was deleted: 450 sessions" in done.text
    mirrored.until_confirmed()
    assert (mirrored.elsewhere(), mirrored.rows()) == ({}, {})

"""Two machines, each with a web process and a worker, share PostgreSQL, Redis and an S3 store.

Each has its own VAR_DIR, so neither may need a file that the other wrote there.
"""

import asyncio
import os
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests import object_store, ports, stack
from tests.audio import sounds
from tests.object_store import ObjectStore
from tests.stack import Stack, until
from tests.talker import turn_body

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

MP3 = sounds.mp3(1.5)
SAID = "The last three deadlines slipped."


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with object_store.running() as made:
        yield made


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """A database for this module on the PostgreSQL server that scripts/test starts."""
    server, name = os.environ["TEST_POSTGRES_URL"], f"machines_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def up(store: ObjectStore, database_url: str) -> Iterator[Stack]:
    """`web` and `worker` are one machine, `web2` and `worker2` the other; the scheduler runs once."""
    shared = {
        "SECRET_KEY": secrets.token_urlsafe(40),
        "REDIS_URL": f"redis://127.0.0.1:{ports.reserved()}/0",
        **store.settings,
    }
    with stack.running(machines=2, beat=True, database_url=database_url, **shared) as made:
        yield made


@pytest.fixture(autouse=True)
def _fresh(up: Stack) -> None:
    up.fake.reset()


async def begun(up: Stack, *, via: str = "web") -> str:
    return await asyncio.to_thread(lambda: up.started(up.scenario(), via=via))


async def posted(up: Stack, session_id: str, sequence: int, *, via: str = "web") -> None:
    path = f"/api/sessions/{session_id}/turns"
    answer = await asyncio.to_thread(lambda: up.post(path, turn_body(sequence, MP3), via=via))
    assert answer.status_code == 202, answer.text


def recordings(up: Stack, session_id: str) -> dict[int, dict[str, Any]]:
    """The stores of a session's recordings, by sequence of their turns."""
    code = f"""
from practice.models import Turn
found = Turn.objects.filter(session_id={session_id!r}, audio__isnull=False).order_by("sequence")
answer = list(found.values("sequence", "audio__store", "audio__key", "audio__size_bytes"))
"""
    return {row["sequence"]: row for row in up.run(code)}


def settled(up: Stack, session_id: str, count: int) -> dict[int, dict[str, Any]] | None:
    found = recordings(up, session_id)
    return found if len(found) == count and all(row["audio__store"] == "s3" for row in found.values()) else None


NOTHING_OWED = """
from coach import clock
from coach.storage import audio_deletion, audio_upload
from coach.storage.models import AudioDeletion
audio_deletion.delete_due(clock.now())
answer = not AudioDeletion.objects.exists()
"""


def moved(up: Stack, to: str) -> Any:
    """Run `audio move --to`; old copies are deleted by this call or by a worker that claimed them first."""
    code = f"""
from coach import clock
from coach.storage import moving_between_stores
answer = moving_between_stores.move_all({to!r}, clock=clock.now, progress=lambda pk: None)
"""
    done = up.run(code)
    until(lambda: up.run(NOTHING_OWED))
    return done


async def test_a_turn_is_posted_answered_transcribed_stored_and_erased_across_two_machines(
    up: Stack, store: ObjectStore
) -> None:
    up.fake.answer("asr", text=SAID, times=None)
    session_id = await begun(up)
    async with up.socket(session_id, via="web2") as there:
        await there.reply(0)
        pcm = sounds.tone(1.0)
        up.fake.answer("roleplay", text=["Yes. ", "I am ", "late."], pcm=pcm, delay_ms=20)
        await posted(up, session_id, 1)
        assert (await there.reply(2))["transcript"] == "Yes. I am late."
        assert there.sound[2] == pcm
        kept = await asyncio.to_thread(until, lambda: settled(up, session_id, 3))
    assert {row["audio__key"] for row in kept.values()} <= store.keys()
    # Recent recordings are also in the database; after that only the store has them.
    later = "from coach import clock; from coach.storage import audio_upload; "
    assert up.run(later + "answer = audio_upload.drop_local_copies(clock.now() + audio_upload.LOCAL_COPY_KEPT)") >= 3
    for via in ("web", "web2"):
        shown = up.get(f"/api/sessions/{session_id}", via=via, params={"historyStepCount": 1}).json()
        spoken = next(turn for turn in shown["turns"] if turn["sequence"] == 1)
        assert up.get(spoken["audioUrl"], via=via).content == MP3
        part = up.get(spoken["audioUrl"], via=via, headers={"Range": "bytes=100-299"})
        assert (part.status_code, part.content) == (206, MP3[100:300])
        assert part.headers["content-range"] == f"bytes 100-299/{len(MP3)}"
    keys = {row["audio__key"] for row in kept.values()}
    assert moved(up, "local") == [len(kept), []]
    assert not keys & store.keys()
    assert moved(up, "s3") == [len(kept), []]
    assert keys <= store.keys()
    assert up.delete(f"/api/sessions/{session_id}", via="web2").status_code == 204
    assert up.get(spoken["audioUrl"]).status_code == 404
    await asyncio.to_thread(until, lambda: not keys & store.keys())


async def test_a_turn_of_a_machine_that_dies_is_finished_by_the_other(up: Stack) -> None:
    session_id = await begun(up)
    async with up.socket(session_id, via="web2") as talker:
        await talker.reply(0)
        up.fake.answer("roleplay", text=["Half ", "a word"], pcm=sounds.tone(1.0), stall="middle", after=2)
        up.fake.answer("roleplay", text="The whole of it.", pcm=sounds.tone(0.5))
        up.fake.answer("asr", stall="first")
        up.fake.answer("asr", text=SAID, times=None)
        # The job must be in the hands of the machine that is going to die.
        up.kill("worker2")
        await posted(up, session_id, 1)
        await asyncio.to_thread(up.fake.wait_for, 1, "asr")
        await talker.hear("ai_text")
        up.kill("web")
        up.kill("worker")
        up.restart("worker2")
        try:
            assert (await talker.reply(2))["transcript"] == "The whole of it."
            assert talker.sound[2] == sounds.tone(0.5)
            await asyncio.to_thread(until, lambda: up.turns(session_id)[1]["transcript"] == SAID)
        finally:
            up.restart("web")
            up.restart("worker")
            await asyncio.to_thread(up.wait_until_up, "web")


async def test_if_the_speaking_web_process_dies_the_other_finishes_the_reply(up: Stack) -> None:
    session_id = await begun(up, via="web2")
    async with up.socket(session_id) as talker:
        await talker.reply(0)  # or the opening would use the answer scripted next
        up.fake.answer("roleplay", text=["Half ", "a word"], pcm=sounds.tone(1.0), stall="middle", after=2)
        up.fake.answer("roleplay", text="The whole of it.", pcm=sounds.tone(0.5))
        await posted(up, session_id, 1, via="web2")
        await talker.hear("ai_text")
        up.kill("web2")
        try:
            assert (await talker.reply(2))["transcript"] == "The whole of it."
        finally:
            up.restart("web2")
            await asyncio.to_thread(up.wait_until_up, "web2")


async def test_a_redis_restart_during_a_conversation_loses_no_turn(up: Stack) -> None:
    session_id = await begun(up)
    async with up.socket(session_id, via="web2") as talker:
        await talker.reply(0)
        up.kill_redis()
        await posted(up, session_id, 1)
        up.start_redis()
        assert (await talker.reply(2))["speaker"] == "ai"
        await asyncio.to_thread(until, lambda: up.turns(session_id)[1]["asr_status"] == "completed")


async def test_expired_recordings_leave_the_bucket_and_their_words_stay(up: Stack, store: ObjectStore) -> None:
    up.fake.answer("asr", text=SAID, times=None)
    session_id = await begun(up)
    async with up.socket(session_id) as talker:
        await talker.reply(0)
        await posted(up, session_id, 1)
        await talker.reply(2)
        keys = {
            row["audio__key"] for row in (await asyncio.to_thread(until, lambda: settled(up, session_id, 3))).values()
        }
    stopped = await asyncio.to_thread(up.post, f"/api/sessions/{session_id}/manual-stop", {"reason": "manual"})
    assert stopped.status_code == 202
    await asyncio.to_thread(until, lambda: words(up, session_id)[1] == SAID)
    assert keys <= store.keys()
    erased = up.run("""
from datetime import timedelta
from coach import clock
from coach.config import config
from coach.storage import audio_deletion
from history import retention
later = clock.now() + timedelta(days=31)
config.__dict__["retain_audio_days"] = 30
answer = retention.run_now(by="olga", clock=lambda: later).erased["recordings"]
config.__dict__["retain_audio_days"] = None
audio_deletion.delete_due(later)
""")
    assert erased >= 3
    # A worker may have claimed some of the deletions, and finishes them a moment later.
    await asyncio.to_thread(until, lambda: not keys & store.keys())
    assert words(up, session_id)[1] == SAID


def words(up: Stack, session_id: str) -> list[str | None]:
    """The transcripts of a session, by sequence."""
    shown = up.get(f"/api/sessions/{session_id}", params={"historyStepCount": 1}).json()
    return [turn["transcript"] for turn in shown["turns"]]

"""LeanCloud is down for ten minutes while ten people practise: nobody notices, and it has everything later."""

import asyncio
from collections.abc import Iterator

import pytest

from coach.leancloud import outbox
from coach.leancloud.client import LeanCloud
from coach.leancloud.models import OutboxRow
from coach.leancloud.verify import differences
from coach.storage import audio_upload, stores
from coach.storage.models import AudioFile
from coach.threads import in_thread
from practice import session_end
from practice.lifecycle import Reason
from practice.models import Turn
from tests import cast
from tests.audio import sounds
from tests.fakes import models
from tests.fakes.leancloud import LeanCloudFake
from tests.fakes.leancloud_wire import serve
from tests.practice.running_web import (  # noqa: F401
    Clock,
    RunningWeb,
    calls,
    clock,
    fake,
    model_server,
    redis_server,
    web,
)

MP3 = sounds.mp3(0.9)
PEOPLE = 10
MINUTES = 10


@pytest.fixture
def service() -> Iterator[LeanCloudFake]:
    with serve(LeanCloudFake()) as running:
        yield running


@pytest.fixture
def lean(service: LeanCloudFake, monkeypatch: pytest.MonkeyPatch) -> LeanCloud:
    """A client of the fake; recordings are uploaded to LeanCloud."""
    from coach.leancloud import files

    client = LeanCloud(
        server_url=service.url, app_id=service.app_id, master_key=service.master_key, sleep=lambda seconds: None
    )
    files.forget_all()
    monkeypatch.setattr(files, "client", lambda tries: client)
    monkeypatch.setattr(stores, "current", lambda: stores.LEANCLOUD)
    return client


@pytest.fixture
def _noted(transactional_db: None) -> Iterator[None]:
    from coach.leancloud import triggers

    triggers.install()
    yield
    triggers.remove()


def worker(lean: LeanCloud, clock: Clock) -> None:  # noqa: F811
    """Do a worker's periodic jobs for as long as they make progress."""
    while audio_upload.upload_due(clock.now()):
        pass
    outbox.run(lean, clock=clock.now)


@pytest.mark.usefixtures("_noted")
async def test_ten_minutes_without_leancloud_lose_no_turn_of_ten_sessions(
    web: RunningWeb,  # noqa: F811
    fake: models.Fake,  # noqa: F811
    clock: Clock,  # noqa: F811
    service: LeanCloudFake,
    lean: LeanCloud,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from coach.config import config

    monkeypatch.setattr(type(config), "max_active", PEOPLE)
    fake.answer("roleplay", text="I hear you.", pcm=sounds.tone(0.3), times=None)
    scenario = await in_thread(cast.scenario, duration_limit_seconds=900, idle_limit_seconds=900)
    ids = [await web.started(scenario) for _ in range(PEOPLE)]

    async def one_turn(session_id: str, sequence: int) -> None:
        async with web.socket(session_id, "?audio=0") as talker:
            await talker.reply(sequence - 1)
            assert (await talker.say(sequence, MP3))["receipt"]["status"] == "accepted"
            assert (await talker.reply(sequence + 1))["transcript"] == "I hear you."

    await asyncio.gather(*(one_turn(session_id, 1) for session_id in ids))
    await in_thread(worker, lean, clock)
    assert await in_thread(OutboxRow.objects.count) == 0

    service.down = True
    service.requests.clear()
    await asyncio.gather(*(one_turn(session_id, 3) for session_id in ids))
    assert service.requests == []
    for _ in range(MINUTES):
        clock.advance(60)
        await in_thread(worker, lean, clock)
        await in_thread(audio_upload.drop_local_copies, clock.now())
    assert await in_thread(OutboxRow.objects.count) >= 2 * PEOPLE  # the turns, and sessions where they changed
    assert await in_thread(AudioFile.objects.filter(store="").count) == 2 * PEOPLE
    for session_id in ids:
        said = await in_thread(lambda session_id=session_id: list(Turn.objects.said().filter(session_id=session_id)))
        assert [turn.sequence for turn in said] == [0, 1, 2, 3, 4]
        await in_thread(session_end.stop, await web.session(session_id), Reason.MANUAL, now=clock.now())

    service.down = False
    for _ in range(2):
        clock.advance(600)
        await in_thread(worker, lean, clock)
    assert await in_thread(OutboxRow.objects.count) == 0
    assert await in_thread(AudioFile.objects.exclude(store="leancloud").count) == 0
    assert await in_thread(lambda: list(differences(lean))) == []
    assert (len(service.objects["PracticeSession"]), len(service.objects["Turn"])) == (PEOPLE, 5 * PEOPLE)
    assert len(service.files) == 5 * PEOPLE

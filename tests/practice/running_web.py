"""A web process inside the test: real database, real Redis-compatible server, fake models over HTTP."""

import asyncio
import fcntl
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.test import AsyncClient
from pydantic import SecretStr

from coach import clock as coach_clock
from coach import redis_links
from coach.asgi import application
from coach.config import ModelEndpoint, config
from coach.edge import arrival
from coach.jobs import wake_up
from coach.providers.asr import CompletionsRecognizer
from coach.providers.roleplay import StreamedRoleplay
from coach.providers.tools import CompletionsToolCaller
from coach.telemetry import names
from coach.threads import in_thread
from practice import web_runtime
from practice.models import PracticeSession, Scenario, Turn
from practice.session_socket import socket_updates
from practice.turns import transcription
from tests import cast, valkey
from tests.fakes import models
from tests.persona.known_embeddings import KnowsCommonTalk
from tests.talker import Closed, Talker, iso


class Clock:
    """Runs like the real one and can be moved."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(coach_clock, "now", made.now)
    return made


_redis_is_ours = False


@pytest.fixture(scope="session")
def redis_server() -> Iterator[None]:
    """One Redis server for all pytest workers of a run, which share VAR_DIR; the worker that starts it stops it last.

    Each conftest that imports this fixture gets its own instance. Only the first in a process takes part in the locks:
    a second one would wait for the worker that stops the server, which waits for us.
    """
    global _redis_is_ours
    if _redis_is_ours:
        yield
        return
    _redis_is_ours = True
    path = config.redis_socket
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / "redis.starting").open("w") as starting, (path.parent / "redis.users").open("w") as users:
        fcntl.flock(starting, fcntl.LOCK_EX)
        server = None
        if not _answers(path):
            path.unlink(missing_ok=True)
            server = valkey.on_socket(path)
            server.start()
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(starting, fcntl.LOCK_UN)
        yield
        if server:
            fcntl.flock(starting, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_EX)
            server.stop()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


@pytest.fixture(scope="session")
def model_server() -> Iterator[models.Fake]:
    with models.running() as fake:
        yield fake


@pytest.fixture
def fake(model_server: models.Fake) -> models.Fake:
    model_server.reset()
    return model_server


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The recorded wake-up calls to workers; none is delivered."""
    made: list[tuple[str, ...]] = []
    monkeypatch.setattr(wake_up, "call", lambda *call: made.append(call))
    return made


def endpoint(fake: models.Fake, model: str = "qwen3-omni-flash") -> ModelEndpoint:
    return ModelEndpoint(
        base_url=fake.base_url,
        model=model,
        api_key=SecretStr("sk-test"),
        local=False,
        key_variable="DASHSCOPE_API_KEY",
        model_variable="QWEN_MODEL",
        voice="Cherry",
        audio_prefix="data:;base64,",
    )


class CommunicatorWire:
    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self._communicator = communicator

    async def send(self, frame: str | bytes) -> None:
        kind = "bytes" if isinstance(frame, bytes) else "text"
        message = {"type": "websocket.receive", kind: frame, arrival.ARRIVED_AT: coach_clock.now()}
        await self._communicator.send_input(message)

    async def receive(self) -> str | bytes:
        message = await self._communicator.receive_output(timeout=60)
        if message["type"] == "websocket.close":
            raise Closed(message["code"])
        return message.get("text") or message["bytes"]


class RunningWeb:
    """One web process in the test: its HTTP client, sockets, runtime, clock and fake models."""

    def __init__(
        self, runtime: web_runtime.WebRuntime, fake: models.Fake, clock: Clock, roleplay: StreamedRoleplay
    ) -> None:
        self.runtime = runtime
        self.fake = fake
        self.clock = clock
        self.roleplay = roleplay
        self.http = AsyncClient()

    async def post(self, path: str, body: Any = None) -> Any:
        return await self.http.post(path, data=body or {}, content_type="application/json")

    async def start(self, scenario: Scenario, **changes: Any) -> Any:
        body = {"scenarioId": scenario.pk, "clientSessionStartedAt": iso(self.clock.now())}
        return await self.post("/api/sessions", body | changes)

    async def started(self, scenario: Scenario | None = None, **changes: Any) -> str:
        scenario = scenario or await in_thread(cast.scenario)
        response = await self.start(scenario, **changes)
        assert response.status_code == 201, response.content
        return response.json()["id"]

    @asynccontextmanager
    async def socket(self, session_id: str, query: str = "") -> AsyncIterator[Talker]:
        communicator = WebsocketCommunicator(application, f"/ws/sessions/{session_id}{query}")
        connected, _ = await communicator.connect(timeout=60)
        assert connected
        try:
            yield Talker(CommunicatorWire(communicator), self.clock.now)
        finally:
            await communicator.disconnect(timeout=60)

    async def session(self, session_id: str) -> PracticeSession:
        return await in_thread(PracticeSession.objects.get, pk=session_id)

    async def turns(self, session_id: str) -> list[Turn]:
        return await in_thread(lambda: list(Turn.objects.filter(session_id=session_id).select_related("audio")))

    async def asked(self, count: int, role: str, *, having: str = "receivedAt") -> list[dict[str, Any]]:
        """The models' requests of this role, once `count` of them have the field `having`."""
        return await asyncio.to_thread(self.fake.wait_for, count, role, having=having)

    async def transcribe(self, turn_id: str, *, local: bool = False) -> bool:
        recognizer = CompletionsRecognizer(replace(endpoint(self.fake), local=local))
        return await in_thread(transcription.transcribe, turn_id, recognizer, now=self.clock.now())


def looks_wait(monkeypatch: pytest.MonkeyPatch, wait: Callable[[], Any]) -> None:
    """From now on a socket reads its session only after `wait` returns, which runs in a thread."""
    look = socket_updates.look

    def waited(*session: Any, **given: Any) -> Any:
        wait()
        return look(*session, **given)

    monkeypatch.setattr(socket_updates, "look", waited)


@asynccontextmanager
async def running(
    fake: models.Fake,
    clock: Clock,
    *,
    local: bool = False,
    checks_local: bool = False,
    by_brief: bool = False,
    own_words: bool = False,
    models_ready: Callable[[], bool] | None = None,
    **roleplay: Any,
) -> AsyncIterator[RunningWeb]:
    """Run a web process. `by_brief`: role briefs are played line by line, as with a small local model.

    `own_words`: the model may answer what the brief does not cover. `models_ready`: passed to the runtime.
    """
    here = replace(endpoint(fake), local=True)
    model = StreamedRoleplay(replace(endpoint(fake), local=local or by_brief), **roleplay)
    runtime = web_runtime.WebRuntime(
        roleplay=model,
        checker=CompletionsToolCaller(endpoint(fake, "gpt-5-mini"), names.OBJECTIVE),
        roleplay_local=local,
        checks_local=checks_local,
        recognizer=CompletionsRecognizer(here) if by_brief else None,
        embeddings=KnowsCommonTalk(here) if by_brief or checks_local else None,
        own_words=lambda: own_words,
        models_ready=models_ready,
        redis=redis_links.connect(config.redis_url),
    )
    await runtime.start()
    try:
        yield RunningWeb(runtime, fake, clock, model)
    finally:
        await runtime.drain()


@pytest.fixture
async def web(
    transactional_db: None, redis_server: None, fake: models.Fake, clock: Clock, calls: list[Any]
) -> AsyncIterator[RunningWeb]:
    async with running(fake, clock) as made:
        yield made
    await asyncio.sleep(0)

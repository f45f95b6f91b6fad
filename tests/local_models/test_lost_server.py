"""A language model server that stops is noticed, and the next choice or its return is waited for."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from coach.local_models import machine as machine_module
from coach.local_models.api.server import application
from coach.local_models.language_model import llm_servers
from coach.local_models.language_model.hardware import Hardware
from coach.local_models.language_model.llm_choice import choose
from coach.local_models.language_model.llm_servers import LlmServer
from coach.local_models.machine import Condition, Machine
from tests import ports
from tests.local_models.gguf import gguf
from tests.local_models.scripted import ScriptedEngine, ask

QUESTION = {"messages": [{"role": "user", "content": "Are you there?"}]}
LISTED: dict[str, dict[str, Any]] = {
    "/api/tags": {"models": [{"name": "qwen2.5:7b", "size": 4_700_000_000, "details": {"parameter_size": "7.6B"}}]},
    "/api/ps": {"models": []},
    "/v1/models": {"data": [{"id": "qwen2.5:7b"}]},
}


@contextmanager
def ollama(port: int) -> Iterator[None]:
    """Lists one model and answers every question with "Yes."."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(LISTED[self.path])

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self._send({"choices": [{"message": {"content": "Yes."}}]})

        def _send(self, body: dict[str, Any]) -> None:
            answer = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


@pytest.fixture
def port() -> int:
    return ports.reserved()


@pytest.fixture(params=["auto", "its address"])
async def machine(
    request: pytest.FixtureRequest, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Machine]:
    base = f"http://127.0.0.1:{port}/v1"
    servers = [LlmServer("Ollama", base, llm_servers._ollama)]
    on_this = partial(choose, hardware=Hardware(memory=32 * 10**9, cores=8), servers=servers)
    monkeypatch.setattr(machine_module, "choose", on_this)
    monkeypatch.setattr(machine_module, "LOOK_AGAIN", 0.01)
    built = Machine(tmp_path, "auto" if request.param == "auto" else f"{base}#qwen2.5:7b", ["text"])
    yield built
    await built.close()


@pytest.fixture
async def client(machine: Machine) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=application(machine))
    async with httpx.AsyncClient(transport=transport, base_url="http://local/v1/") as http:
        yield http


only_auto = pytest.mark.parametrize("machine", ["auto"], indirect=True)
only_by_address = pytest.mark.parametrize("machine", ["its address"], indirect=True)


async def test_a_server_that_stops_is_waited_for_and_used_again(
    machine: Machine, client: httpx.AsyncClient, port: int
) -> None:
    with ollama(port):
        machine.start()
        await until(machine, "ready")
        assert (await ask(client, QUESTION)).json()["choices"][0]["message"]["content"] == "Yes."
    failed = await ask(client, QUESTION)
    assert (failed.status_code, failed.json()["error"]["code"]) == (503, "models_loading")
    assert failed.headers["Retry-After"]
    await until(machine, "loading")
    health = (await client.get("http://local/health")).json()
    assert health["llm"] is None
    await until(machine, "loading", lambda: "start it again" in str(machine.condition("text").detail))
    with ollama(port):
        await until(machine, "ready")
        assert (await ask(client, QUESTION)).json()["choices"][0]["message"]["content"] == "Yes."


@only_auto
async def test_in_place_of_a_server_that_stops_the_next_choice_answers(
    machine: Machine, client: httpx.AsyncClient, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.gguf").write_bytes(gguf("Mine"))
    monkeypatch.setattr(machine_module, "Llama", File)
    with ollama(port):
        machine.start()
        await until(machine, "ready")
        assert machine.health()["model"] == "qwen2.5:7b"
    assert (await ask(client, QUESTION)).status_code == 503
    await until(machine, "ready")
    assert (await ask(client, QUESTION)).json()["choices"][0]["message"]["content"] == "Here I am."
    llm = machine.health()["llm"]
    assert isinstance(llm, dict)
    assert (llm["name"], llm["source"]) == ("Mine", "file")
    assert any("Ollama: nothing answers" in reason for reason in llm["passedOver"])


@only_by_address
async def test_a_server_that_is_not_there_yet_is_waited_for_from_the_start(machine: Machine, port: int) -> None:
    machine.start()
    await until(machine, "loading", lambda: f"127.0.0.1:{port}" in machine.condition("text").detail)
    with ollama(port):
        await until(machine, "ready")


def test_a_given_line_needs_the_voice_and_not_the_language_model(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "auto", ["roleplay"])
    machine._conditions["tts"] = Condition("ready", 1.0, "ready")
    assert machine.condition("roleplay").state == "loading"
    assert machine.condition("roleplay", word_for_word=True).state == "ready"


class File(ScriptedEngine):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.answers = ["Here I am."]

    def load(self) -> None: ...


async def until(machine: Machine, state: str, also: Callable[[], bool] = lambda: True) -> None:
    while machine.health()["status"] != state or not also():  # noqa: ASYNC110 (nothing tells of it)
        await asyncio.sleep(0.01)

"""Fixtures: the local model server with scripted models and, for tests marked `models`, with real tiny ones."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from coach.local_models.api.server import application
from coach.local_models.download.model_files import TINY_LLM
from tests import ports
from tests.local_models.real_server import models_folder, wait_until_ready
from tests.local_models.scripted import ScriptedEngine, ScriptedMachine


@pytest.fixture
def engine() -> ScriptedEngine:
    """The language model of `machine`."""
    return ScriptedEngine()


@pytest.fixture
def machine(engine: ScriptedEngine) -> ScriptedMachine:
    """The models behind `client`."""
    return ScriptedMachine(engine)


@pytest.fixture
async def client(machine: ScriptedMachine) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the local server's API, without sockets."""
    transport = httpx.ASGITransport(app=application(machine))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://local/v1/") as http:
        yield http


@pytest.fixture(scope="session")
def local_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`http://127.0.0.1:PORT` of a running `python -m coach.local_models --llm tiny`, its models loaded."""
    folder = models_folder()
    if not (folder / TINY_LLM.path).is_file():
        pytest.fail(
            f"no weights in {folder}: python -m coach.local_models.weights --var-dir {folder.parent} --llm tiny"
        )
    var_dir = tmp_path_factory.mktemp("local")
    (var_dir / "models").symlink_to(folder, target_is_directory=True)
    port = ports.reserved()
    command = [
        sys.executable,
        "-m",
        "coach.local_models",
        "--port",
        str(port),
        "--var-dir",
        str(var_dir),
        "--llm",
        "tiny",
    ]
    with (var_dir / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(base, server)
        yield base
    finally:
        server.terminate()
        assert server.wait(10) == 0 or server.returncode == -15

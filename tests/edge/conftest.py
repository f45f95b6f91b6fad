"""Daphne with the application of asgi.py, as the tests of this folder use it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.edge.daphne_server import Server


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(**options: Any) -> Server:
        servers.append(Server(tmp_path, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # Gives up on silent clients soon, but leaves a late client on a busy machine time to read why.
    server = Server(tmp_path_factory.mktemp("impatient"), TEST_UNREAD_SECONDS="3", TEST_LINGER_SECONDS="60")
    yield server
    server.close()

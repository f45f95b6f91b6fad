"""A web process without a free file descriptor turns newcomers away and recovers."""

import contextlib
import os
import resource
import select
import time
from collections.abc import Callable

import pytest

from coach.edge import descriptors
from tests.edge.daphne_server import Server, answer, head

pytestmark = pytest.mark.processes


def asked(server: Server) -> str:
    """The answer to a small request; empty if the connection was closed or reset at once."""
    with contextlib.suppress(ConnectionError), server.connect() as connection:
        connection.sendall(head("/", "Content-Length: 3") + b"abc")
        return answer(connection)
    return ""


def test_without_a_free_descriptor_newcomers_are_closed_and_the_log_says_so_once(serve: Callable[..., Server]) -> None:
    server = serve()
    pid = server.process.pid
    as_before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    assert as_before[0] == min(as_before[1], descriptors.WANTED), "it took fewer than it may have"
    in_use = max(int(each) for each in os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (in_use + 4, as_before[1]))
    crowd = [server.connect() for _ in range(in_use + 40)]
    turned_away, _, _ = select.select(crowd, [], [], 60)
    assert turned_away
    assert {answer(each) for each in turned_away} == {""}

    resource.prlimit(pid, resource.RLIMIT_NOFILE, as_before)
    for each in crowd:
        each.close()
    deadline = time.monotonic() + 60
    # The first may still come while the crowd is being turned away.
    while not (said := asked(server)):
        assert time.monotonic() < deadline
    assert said.endswith("\r\n\r\n3")
    assert server.log.read_text().count("all file descriptors are in use") == 1

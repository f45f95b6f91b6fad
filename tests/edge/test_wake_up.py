"""At most one wake-up call per job is queued, however often it is requested."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from coach.celery import app
from coach.jobs import wake_up
from coach.workers import heartbeats
from tests import valkey

TASK = "practice.tasks.transcribe"


@pytest.fixture
def sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, tuple[str, ...]]]]:
    """The calls that reach the broker."""
    socket = tmp_path / "redis.sock"
    changes = {"redis_url_text": f"unix://{socket}", "var_dir": tmp_path}
    monkeypatch.setattr(heartbeats, "config", heartbeats.config.model_copy(update=changes))
    made: list[tuple[str, tuple[str, ...]]] = []
    monkeypatch.setattr(app, "send_task", lambda task, args, **_: made.append((task, tuple(args))))
    server = valkey.on_socket(socket)
    server.start()
    yield made
    server.stop()


def begun(*args: str) -> None:
    """A worker begins the call."""
    wake_up.taken(task=type("Task", (), {"name": TASK}), args=args)


def test_a_call_that_is_still_queued_is_not_sent_again(sent: list[Any]) -> None:
    for _ in range(50):
        wake_up._send(TASK, "one")
    wake_up._send(TASK, "two")
    assert sent == [(TASK, ("one",)), (TASK, ("two",))]


def test_once_a_worker_has_taken_a_call_the_next_one_is_sent(sent: list[Any]) -> None:
    wake_up._send(TASK, "one")
    begun("one")
    wake_up._send(TASK, "one")
    assert len(sent) == 2


def test_a_call_lost_with_its_worker_is_sent_again_after_a_while(sent: list[Any], tmp_path: Path) -> None:
    wake_up._send(TASK, "one")
    with redis.Redis(unix_socket_path=str(tmp_path / "redis.sock")) as known:
        (key,) = known.keys("coach:waiting:*")
        assert 0 < known.ttl(key) <= wake_up.CALL_AGAIN_SECONDS

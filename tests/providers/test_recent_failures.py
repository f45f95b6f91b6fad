import json

import pytest
import redis

from coach.providers import recent_failures
from coach.providers.ports import ProviderMisconfigured
from coach.telemetry import names
from tests import valkey

UNKNOWN = ProviderMisconfigured("gpt-5-mini answered 404; change CHATAI_API_MODEL", variable="CHATAI_API_MODEL")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    path = tmp_path_factory.mktemp("redis") / "redis.sock"
    with valkey.on_socket(path):
        yield path


@pytest.fixture
def shared(server, monkeypatch):
    def connection() -> redis.Redis:
        return redis.Redis(unix_socket_path=str(server))

    monkeypatch.setattr(recent_failures, "_redis", connection)
    monkeypatch.setattr(
        recent_failures,
        "_in_background",
        lambda role, at, found: recent_failures._share(recent_failures._key(role, at), found),
    )
    with connection() as client:
        client.flushall()
        yield client


def another_process(monkeypatch):
    monkeypatch.setattr(recent_failures, "_seen", {})
    monkeypatch.setattr(recent_failures, "_told_at", {})


def test_the_web_process_shows_a_workers_failures(shared, endpoint, monkeypatch):
    recent_failures.failed(names.EVALUATOR, endpoint(), UNKNOWN)
    another_process(monkeypatch)
    found = recent_failures.problem(names.EVALUATOR, endpoint())
    assert (found.message, found.variable) == (str(UNKNOWN), "CHATAI_API_MODEL")
    assert recent_failures.problem(names.OBJECTIVE, endpoint()) is None


def test_a_first_success_clears_failures_of_an_earlier_process(shared, endpoint, monkeypatch):
    recent_failures.failed(names.EVALUATOR, endpoint(), UNKNOWN)
    another_process(monkeypatch)
    recent_failures.worked(names.EVALUATOR, endpoint())
    assert recent_failures.problem(names.EVALUATOR, endpoint()) is None


def test_a_success_in_another_process_clears_a_failure(shared, endpoint, monkeypatch):
    monkeypatch.setattr(recent_failures, "TELL_AGAIN_SECONDS", 0)
    recent_failures.worked(names.EVALUATOR, endpoint())  # this process has had a success
    another_process(monkeypatch)
    recent_failures.failed(names.EVALUATOR, endpoint(), UNKNOWN)  # another one has not
    monkeypatch.setattr(recent_failures, "_seen", {recent_failures._key(names.EVALUATOR, endpoint()): None})
    recent_failures.worked(names.EVALUATOR, endpoint())
    assert recent_failures.problem(names.EVALUATOR, endpoint()) is None


def test_a_failure_that_does_not_recur_expires(endpoint, monkeypatch):
    away = recent_failures._redis("redis://127.0.0.1:9")
    monkeypatch.setattr(recent_failures, "_redis", lambda: away)
    recent_failures.failed(names.EVALUATOR, endpoint(), UNKNOWN)
    assert recent_failures.problem(names.EVALUATOR, endpoint())
    monkeypatch.setattr(recent_failures, "KEPT_SECONDS", 0)
    assert recent_failures.problem(names.EVALUATOR, endpoint()) is None


def test_a_repeated_success_sends_nothing_to_redis(shared, endpoint, monkeypatch):
    recent_failures.worked(names.EVALUATOR, endpoint())
    monkeypatch.setattr(recent_failures, "_in_background", None)
    recent_failures.worked(names.EVALUATOR, endpoint())


def test_no_secret_is_stored(shared, endpoint):
    recent_failures.failed(names.EVALUATOR, endpoint(), UNKNOWN)
    (key,) = shared.keys()
    assert b"secret" not in key + shared.get(key)
    assert 0 < shared.ttl(key) <= recent_failures.KEPT_SECONDS
    assert set(json.loads(shared.get(key))) == {"message", "variable", "since"}


def test_without_redis_each_process_knows_its_own_failures(endpoint, monkeypatch):
    away = recent_failures._redis("redis://127.0.0.1:9")
    monkeypatch.setattr(recent_failures, "_redis", lambda: away)
    recent_failures.failed(names.EVALUATOR, endpoint(), UNKNOWN)
    recent_failures._share("key", None)
    assert recent_failures.problem(names.EVALUATOR, endpoint()).variable == "CHATAI_API_MODEL"

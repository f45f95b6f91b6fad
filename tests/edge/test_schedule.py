"""Periodic jobs reach workers whose clocks are wrong, and do not pile up while there are no workers."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import structlog

from coach import quick_exit
from coach.celery import app
from coach.workers import heartbeats, schedule
from coach.workers.queues import EVALUATION, HOUSEKEEPING, LIVE
from tests import valkey

MIRROR = "coach.leancloud.tasks.mirror_due"


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    socket = tmp_path / "redis.sock"
    changes = {"redis_url_text": f"unix://{socket}", "var_dir": tmp_path}
    monkeypatch.setattr(heartbeats, "config", heartbeats.config.model_copy(update=changes))
    running = valkey.on_socket(socket)
    running.start()
    with redis.Redis(unix_socket_path=str(socket)) as connection:
        yield connection
    running.stop()


@pytest.fixture
def producer(known: redis.Redis, tmp_path: Path) -> Iterator[Any]:
    with app.connection_for_write(f"redis+socket://{tmp_path / 'redis.sock'}") as connection:
        yield app.amqp.Producer(connection, auto_declare=False)


def send_all(producer: Any) -> None:
    scheduler = schedule.OneWaiting(app=app, lazy=True)
    scheduler.setup_schedule()
    for entry in scheduler.schedule.values():
        scheduler.apply_async(entry, producer=producer)


def waiting(known: redis.Redis, queue: str = HOUSEKEEPING) -> list[dict[str, Any]]:
    return [json.loads(message)["headers"] for message in known.lrange(queue, 0, -1)]


def test_periodic_jobs_never_expire_in_the_queue(known: redis.Redis, producer: Any) -> None:
    send_all(producer)
    sent = waiting(known)
    assert MIRROR in [headers["task"] for headers in sent]
    assert {headers["expires"] for headers in sent} == {None}


def test_a_periodic_job_waits_at_most_once_while_no_worker_takes_it(known: redis.Redis, producer: Any) -> None:
    for _ in range(20):
        send_all(producer)
        for key in known.keys("coach:waiting:*"):
            known.pexpire(key, known.pttl(key) - 1_000 * (heartbeats.WAITS_SECONDS + 1))
    tasks = [headers["task"] for headers in waiting(known)]
    assert sorted(tasks) == sorted(set(tasks))
    (taken,) = [headers for headers in waiting(known) if headers["task"] == MIRROR]
    job = type("Job", (), {"name": MIRROR, "request": type("Request", (), {"headers": taken})})
    schedule.begun(task=job)
    send_all(producer)
    assert [headers["task"] for headers in waiting(known)].count(MIRROR) == 2
    assert heartbeats.ran_ago(known, MIRROR) is not None


def test_setting_the_clock_back_stops_no_periodic_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "_ran_ago", lambda tasks: dict.fromkeys(tasks, timedelta(0)))
    scheduler = schedule.OneWaiting(app=app, lazy=True)
    scheduler.setup_schedule()
    sent: list[str] = []
    monkeypatch.setitem(vars(scheduler), "producer", None)  # the real one connects to Redis
    monkeypatch.setattr(scheduler, "apply_async", lambda entry, **_: sent.append(entry.task))
    begun = app.now()
    monkeypatch.setattr(app, "now", lambda: begun + timedelta(days=1))
    while scheduler.tick() == 0:
        pass
    expected, sent[:] = set(sent), []
    monkeypatch.setattr(app, "now", lambda: begun)
    assert scheduler.tick() < 5
    monkeypatch.setattr(app, "now", lambda: begun + timedelta(hours=1))
    while scheduler.tick() == 0:
        pass
    assert expected == set(sent) >= {MIRROR, "practice.tasks.sweep"}


def test_a_scheduler_that_was_told_to_stop_leaves_at_once_even_if_celery_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left: list[int] = []
    monkeypatch.setattr(quick_exit, "ended_in_order", left.append)
    scheduler = schedule.OneWaiting(app=app, lazy=True)
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        scheduler.close()
    assert left == [], "a fault is no end in order"
    scheduler.close()
    assert left == [0]
    with pytest.raises(SystemExit):
        scheduler.tick()


def test_a_restart_of_the_scheduler_delays_no_periodic_job(known: redis.Redis) -> None:
    nightly, orphans, mirror = "history.tasks.nightly", "history.tasks.sweep_orphans", MIRROR
    for task, ago in ((nightly, 600), (orphans, 7_200)):
        heartbeats.note_ran(known, task)
        known.pexpire(f"coach:ran:{task}", 1000 * (heartbeats.REMEMBERED_SECONDS - ago))
    scheduler = schedule.OneWaiting(app=app)
    wait = {entry.task: entry.is_due() for entry in scheduler.schedule.values()}
    assert not wait[nightly].is_due
    assert 290 < wait[nightly].next <= 300
    assert wait[orphans].is_due, "its hour was over while nothing ran"
    assert wait[mirror].is_due, "nobody remembers it"


def test_before_redis_is_up_every_job_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"redis_url_text": f"unix://{tmp_path / 'none.sock'}"}
    monkeypatch.setattr(heartbeats, "config", heartbeats.config.model_copy(update=changes))
    scheduler = schedule.OneWaiting(app=app)
    assert all(entry.is_due().is_due for entry in scheduler.schedule.values())


def test_a_redis_that_is_away_is_told_once_and_its_return_once(
    known: redis.Redis, producer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler = schedule.OneWaiting(app=app, lazy=True)
    scheduler.setup_schedule()
    here = heartbeats.config
    for _ in range(2):
        away = here.model_copy(update={"redis_url_text": f"unix://{tmp_path / 'none.sock'}"})
        monkeypatch.setattr(heartbeats, "config", away)
        with structlog.testing.capture_logs() as told:
            for entry in scheduler.schedule.values():
                scheduler.apply_entry(entry, producer=producer)
        assert [(line["event"], line["error"]) for line in told] == [
            ("periodic jobs wait until Redis is back", "ConnectionError")
        ]
        monkeypatch.setattr(heartbeats, "config", here)
        with structlog.testing.capture_logs() as told:
            for entry in scheduler.schedule.values():
                scheduler.apply_entry(entry, producer=producer)
        assert [line["event"] for line in told] == ["periodic jobs are sent again"]
    assert len(waiting(known)) + len(waiting(known, EVALUATION)) == len(scheduler.schedule)


def test_a_job_that_cannot_be_sent_for_another_reason_is_named_and_the_others_are_sent(
    known: redis.Redis, producer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler = schedule.OneWaiting(app=app, lazy=True)
    scheduler.setup_schedule()
    monkeypatch.setattr(scheduler.schedule["audio"], "args", (object(),))  # no JSON
    with structlog.testing.capture_logs() as told:
        for entry in scheduler.schedule.values():
            scheduler.apply_entry(entry, producer=producer)
    assert [(line["event"], line["job"]) for line in told] == [
        ("a periodic job could not be sent", "coach.storage.tasks.sweep")
    ]
    assert len(waiting(known)) + len(waiting(known, EVALUATION)) == len(scheduler.schedule) - 1


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("practice.tasks.transcribe", LIVE),
        ("evaluations.evaluate", EVALUATION),
        ("evaluations.prepare", EVALUATION),
        ("evaluations.sweep", HOUSEKEEPING),
        ("practice.tasks.sweep", HOUSEKEEPING),
        ("coach.storage.tasks.sweep", HOUSEKEEPING),
    ],
)
def test_each_kind_of_work_has_its_own_queue(task: str, queue: str) -> None:
    assert app.amqp.router.route({}, task)["queue"].name == queue

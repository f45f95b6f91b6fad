"""While the database lacks migrations of this release, every entry point says so and names the command."""

import asyncio
from html import unescape
from typing import Any

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from structlog.testing import capture_logs

from coach import health
from coach.database import schema
from coach.edge import unmigrated
from coach.workers import wait_for_migrations

pytestmark = pytest.mark.django_db(transaction=True)

COMMAND = "manage.py migrate"
LAST = ("practice", "0001_initial")


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], Any]:
    """The migrations that this process finds when it starts; may be changed."""
    found = MigrationRecorder.applied_migrations
    names = dict.fromkeys(MigrationRecorder.Migration.objects.values_list("app", "name"))
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda recorder: found(recorder) and names)
    monkeypatch.setattr(schema, "_complete", False)
    monkeypatch.setattr(schema, "_told_at", None)
    return names


def test_a_migrated_database_is_checked_once(
    applied: dict[tuple[str, str], Any], django_assert_num_queries: Any
) -> None:
    applied["practice", "9999_of_the_next_release"] = None
    assert schema.missing() == []
    with django_assert_num_queries(0):
        assert schema.missing() == []


def test_pages_api_and_admin_name_the_migrate_command_until_it_was_run(applied: dict[tuple[str, str], Any]) -> None:
    applied.pop(LAST)
    client = Client()
    for path in ("/", "/history/", "/admin/"):
        page = client.get(path)
        assert (page.status_code, page["Retry-After"]) == (503, "60"), path
        assert COMMAND in unescape(page.content.decode())
    for answer in (client.get("/api/skills"), client.post("/api/sessions", {}, content_type="application/json")):
        assert answer.status_code == 503
        assert COMMAND in answer.json()["detail"]
    applied[LAST] = None
    assert client.get("/").status_code == 200
    assert client.get("/api/skills").status_code == 200


def test_an_unmigrated_process_is_not_ready_and_logs_it_once(applied: dict[tuple[str, str], Any]) -> None:
    applied.pop(LAST)
    with capture_logs() as lines:
        checks = [health.database() for _ in range(3)]
    assert {check.ok for check in checks} == {False}
    assert "first practice.0001_initial" in checks[0].detail
    assert COMMAND in checks[0].detail
    assert [(line["count"], line["log_level"]) for line in lines if COMMAND in line["event"]] == [(1, "error")]
    applied[LAST] = None
    assert health.database().ok


async def test_a_web_process_waits_with_its_start(
    applied: dict[tuple[str, str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unmigrated, "LOOK_SECONDS", 0.01)
    applied.pop(LAST)
    start = asyncio.create_task(unmigrated.wait_for_migrations())
    await asyncio.sleep(0.1)
    assert not start.done()
    applied[LAST] = None
    await asyncio.wait_for(start, 30)


def test_a_worker_takes_no_job_before_the_migrations(
    applied: dict[tuple[str, str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    applied.pop(LAST)
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            applied[LAST] = None

    monkeypatch.setattr(wait_for_migrations.time, "sleep", sleep)
    wait_for_migrations.wait()
    assert len(waited) == 2
    assert schema.missing() == []

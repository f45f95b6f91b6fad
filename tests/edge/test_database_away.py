"""A database that is away, or has no connection left: a 503 that says when to ask again, wherever it is noticed."""

from html import unescape

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client
from psycopg_pool import PoolTimeout
from structlog.testing import capture_logs

from coach.edge import plain_page, unmigrated
from practice import sessions
from practice.views import room

pytestmark = pytest.mark.django_db

AWAY = [psycopg.errors.TooManyConnections(), psycopg.errors.AdminShutdown(), psycopg.OperationalError(), PoolTimeout()]


def raising(monkeypatch: pytest.MonkeyPatch, cause: Exception, *places: tuple[object, str]) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OperationalError("the database fails") from cause

    for place, name in places:
        monkeypatch.setattr(place, name, fails)


@pytest.mark.parametrize("cause", AWAY, ids=lambda cause: type(cause).__name__)
def test_a_view_without_a_database_answers_503_and_when_to_ask_again(
    cause: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(monkeypatch, cause, (sessions, "get"), (room, "_session"))
    anyone = Client(raise_request_exception=False)
    with capture_logs() as logged:
        answer = anyone.post("/api/sessions/none/manual-stop", {"reason": "manual"}, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert "database" in answer.json()["detail"]
    assert int(answer["Retry-After"]) > 0
    assert [each["error"] for each in logged] == [type(cause).__name__]
    page = anyone.get("/sessions/none/", headers={"accept-language": "zh-CN"})
    assert (page.status_code, page["Content-Security-Policy"]) == (503, plain_page.POLICY)
    assert "数据库" in unescape(page.content.decode())


def test_middleware_without_a_database_answers_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, AWAY[0], (unmigrated, "try_later"))
    monkeypatch.setattr(unmigrated.schema, "missing", lambda: ["practice.0001_first"])
    answer = Client(raise_request_exception=False).get("/")
    assert answer.status_code == 503
    assert "reach its database" in unescape(answer.content.decode())


@pytest.mark.parametrize("cause", [psycopg.errors.UndefinedTable(), ValueError()], ids=["no table", "no cause"])
def test_other_errors_stay_a_500(cause: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, cause, (sessions, "get"))
    if isinstance(cause, ValueError):
        monkeypatch.setattr(sessions, "get", lambda *_, **__: 1 / 0)
    answer = Client(raise_request_exception=False).post(
        "/api/sessions/none/manual-stop", {"reason": "manual"}, content_type="application/json"
    )
    assert answer.status_code == 500

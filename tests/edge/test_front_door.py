"""Hostile Host headers, paths, queries and cookies: probes still answer, everything else is refused with a reason."""

from datetime import timedelta
from typing import Any, cast

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.test import AsyncRequestFactory, Client
from structlog.testing import capture_logs

from coach import clock
from coach.edge import arrival
from coach.edge.front_door import FrontDoor
from tests import cast as people
from tests.history.cast import past_session

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

FOREIGN_HOSTS = ["evil.example", "[::1", "a b", "10.0.0.5:8000", "localhost:abc", "", "xn--", "localhost@evil.example"]
PAGES = ["/", "/nothing/here", "/history/", "/admin/", "/api/skills", "/static/nothing.css"]
NUL_PATHS = [
    "/%00", "/scenarios/%00/", "/sessions/a%00b/", "/history/%00/", "/history/x/turns/%00/transcribe/",
    "/api/scenarios/%00", "/api/sessions/%00?historyStepCount=1", "/static/%00.css",
    "/admin/practice/skill/%00/change/",
]  # fmt: skip


@pytest.fixture
def anyone() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
@pytest.mark.parametrize("page", PAGES)
def test_a_foreign_or_malformed_host_is_a_400(anyone: Client, page: str, host: str) -> None:
    response = anyone.get(page, headers={"host": host})
    assert response.status_code == 400
    assert response.content


@pytest.mark.parametrize("host", [*FOREIGN_HOSTS, "testserver"])
def test_health_probes_answer_under_any_host(anyone: Client, host: str) -> None:
    assert anyone.get("/healthz", headers={"host": host}).json() == {"status": "up"}
    assert "checks" in anyone.get("/readyz", headers={"host": host}).json()
    assert anyone.head("/healthz", headers={"host": host}).status_code == 200
    assert anyone.post("/healthz", headers={"host": host}).status_code == 405


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_refused_host_is_told_the_setting_and_the_log_names_the_host(anyone: Client, host: str) -> None:
    with capture_logs() as logged:
        page, api = (anyone.get(path, headers={"host": host}) for path in ("/history/", "/api/skills"))
    assert b"ALLOWED_HOSTS" in page.content
    assert "ALLOWED_HOSTS" in api.json()["detail"]
    assert [entry["host"] for entry in logged if "ALLOWED_HOSTS" in entry["event"]] == [host, host]


def test_a_refused_host_gets_our_page_with_its_security_headers(anyone: Client) -> None:
    response = anyone.get("/", headers={"host": "evil.example"})
    assert b"Unknown address" in response.content
    assert b"evil.example" not in response.content
    assert "default-src" in response["Content-Security-Policy"]


@pytest.mark.parametrize("path", NUL_PATHS)
def test_a_nul_in_the_path_finds_nothing(admin_client: Client, path: str) -> None:
    admin_client.raise_request_exception = False
    assert admin_client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/history/", "/progress/", "/admin/practice/skill/", "/admin/practice/scenario/"]
)
def test_a_nul_in_a_pages_query_is_ignored(admin_client: Client, path: str) -> None:
    admin_client.raise_request_exception = False
    for query in ("?search=%00", "?q=a%00b", "?%00=1", "?category=x%00"):
        assert admin_client.get(path + query, follow=True).status_code == 200


def test_a_cookie_with_an_encoded_nul_is_ignored(anyone: Client) -> None:
    response: Any = anyone.get("/admin/", headers={"cookie": 'sessionid="abcdefgh\\000ijkl"; csrftoken="\\000"'})
    assert response.status_code == 302


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "text/plain", ""])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_json_body_with_another_content_type_is_a_415_problem(anyone: Client, method: str, kind: str) -> None:
    response = anyone.generic(method, "/api/sessions", b'{"scenarioId": "x"}', content_type=kind)
    assert response.status_code == 415
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    ["page=99999999999999999999", "page=-1", "page=0", "page=" + "9" * 5000, "pageSize=51", "page=1e3"]
    + [f"{field}={odd}" for field in ("page", "pageSize") for odd in ("1_0", "%201", "%2B1", "1.0", "1%0A", "")]
    + [f"page={odd}" for odd in ("１", "٣", "²")],
)
def test_a_page_number_too_large_for_the_database_is_refused_by_parameter(anyone: Client, query: str) -> None:
    response = anyone.get(f"/api/sessions?historyStepCount=1&{query}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("odd", ["1_0", "%201", "%2B1", "1.0", "１", "10%0A"])
@pytest.mark.parametrize(
    "address", ["/api/scenarios?limit=", "/api/scenarios?historyStepCount=", "/api/sessions/{}?historyStepCount="]
)
def test_a_number_in_a_query_must_be_plain_digits(anyone: Client, address: str, odd: str) -> None:
    session = past_session(people.scenario(), at=clock.now())
    response = anyone.get(address.format(session.pk) + odd)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] in address


@pytest.mark.parametrize("search", ["12345678901234567890", "9" * 150, "-99999999999999999999"])
def test_a_search_for_a_long_number_is_answered(anyone: Client, search: str) -> None:
    for address in (
        "/api/scenarios?search=",
        "/api/sessions?historyStepCount=1&search=",
        "/?search=",
        "/history/?search=",
    ):
        assert anyone.get(address + search).status_code == 200


def test_the_arrival_time_of_a_request_is_when_the_server_read_it() -> None:
    read_at = clock.now() - timedelta(seconds=5)
    request = cast(ASGIRequest, AsyncRequestFactory().get("/healthz"))
    request.scope[arrival.ARRIVED_AT] = read_at
    FrontDoor(lambda request: HttpResponse())(request)
    assert arrival.of_request(request) == read_at

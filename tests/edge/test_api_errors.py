"""Every error of the API has the same form and says what was wrong and what to do."""

import gzip
import json
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.edge.urls")


@pytest.fixture
def api() -> Client:
    return Client(raise_request_exception=False)


def problem_of(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["status"] == status
    assert body["type"]
    assert body["title"]
    assert body["detail"].endswith(".")
    return body


def post(api: Client, body: Any, **extra: Any) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return api.post("/api/words", text, content_type="application/json", **extra)


def test_an_unknown_address_is_a_problem_document(api: Client) -> None:
    problem_of(api.get("/api/nothing/here"), 404)


def test_a_record_that_is_not_there_is_a_problem_document(api: Client) -> None:
    problem_of(api.get("/api/words/gone"), 404)


def test_a_405_names_the_allowed_methods(api: Client) -> None:
    response = api.delete("/api/words")
    problem_of(response, 405)
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/api/docs", "/api/openapi.json", "/api/asyncapi.json"])
@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_a_read_only_address_says_so(api: Client, address: str, method: str) -> None:
    response = Client().generic(method, address)
    problem_of(response, 405)
    assert response.headers["Allow"] == "GET, HEAD"


def test_a_missing_field_is_named_without_our_parameter_names(api: Client) -> None:
    assert problem_of(post(api, {}), 422)["errors"][0]["field"] == "word"


def test_a_missing_query_value_is_named(api: Client) -> None:
    assert problem_of(api.get("/api/words"), 422)["errors"][0]["field"] == "page"


def test_a_body_of_the_wrong_form_is_refused(api: Client) -> None:
    assert problem_of(post(api, [1]), 422)["errors"]
    for body in ("[]", "1", '"words"', "null", "true"):
        answer = problem_of(post(api, body), 422)
        assert answer["errors"] == [{"field": "body", "message": "is not a JSON object"}]


@pytest.mark.parametrize("body", ["{", "nul", b"\xff\xfe", "[" * 100_000, '{"word": NaN}', "9" * 5000])
def test_a_body_that_is_not_json_is_refused(api: Client, body: str | bytes) -> None:
    problem_of(post(api, body), 400)


def test_an_empty_body_is_a_missing_field(api: Client) -> None:
    assert problem_of(post(api, ""), 422)["errors"] == [{"field": "body", "message": "Field required"}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"word": "a\\u0000b"}', "word"),
        ('{"word": "\\ud800"}', "word"),
        ('{"word": "a", "count": 99999999999999999999}', "count"),
        ('{"word": "a", "more": [{"deep": "\\udfff"}]}', "more.0.deep"),
        ('{"a\\u0000": 1, "word": "a"}', "body"),
    ],
)
def test_text_that_a_database_cannot_store_is_refused_by_field(api: Client, body: str, field: str) -> None:
    assert problem_of(post(api, body), 422)["errors"][0]["field"] == field


def test_a_deeply_nested_body_is_refused(api: Client) -> None:
    problem_of(post(api, '{"word": ' + "[" * 60 + "]" * 60 + "}"), 422)


@pytest.mark.parametrize("query", ["page=3²", "page=1&search=%00", "page=" + "9" * 5000])
def test_a_hostile_query_is_refused_by_parameter(api: Client, query: str) -> None:
    field = query.split("&")[-1].split("=")[0]
    assert problem_of(api.get(f"/api/words?{query}"), 422)["errors"][0]["field"] == field


def test_a_nul_in_the_address_is_not_found(api: Client) -> None:
    problem_of(api.get("/api/words/a%00b"), 404)


def test_a_body_without_a_json_content_type_is_refused(api: Client) -> None:
    problem_of(api.post("/api/words", '{"word": "a"}', content_type="text/plain"), 415)


def test_a_compressed_body_is_refused_and_accept_encoding_says_what_is_read(api: Client) -> None:
    refused = api.post(
        "/api/words", gzip.compress(b'{"word": "a"}'), "application/json", headers={"Content-Encoding": "gzip"}
    )
    assert "Content-Encoding" in problem_of(refused, 415)["detail"]
    assert refused.headers["Accept-Encoding"] == "identity"


def test_a_request_without_a_body_needs_no_content_type(api: Client) -> None:
    assert api.generic("POST", "/api/again", b"", content_type="").status_code == 200


def test_a_body_over_256_kib_is_refused(api: Client) -> None:
    assert problem_of(post(api, {"word": "a" * 262_144}), 413)["code"] == "too_large"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver:81", "https://testserver", "x"])
def test_a_page_of_another_site_cannot_change_anything(api: Client, origin: str) -> None:
    problem_of(post(api, {"word": "a"}, headers={"Origin": origin}), 403)


def test_a_page_of_another_site_can_read(api: Client) -> None:
    assert api.get("/api/words?page=1", headers={"Origin": "https://evil.example"}).status_code == 200


@pytest.mark.parametrize("origin", [None, "http://testserver", "http://TESTSERVER:80"])
def test_our_own_pages_and_clients_without_an_origin_can_change_things(api: Client, origin: str | None) -> None:
    assert post(api, {"word": "a"}, headers={"Origin": origin} if origin else {}).status_code == 200


def test_a_trusted_origin_can_change_things(api: Client, settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.example.org"]
    assert post(api, {"word": "a"}, headers={"Origin": "https://coach.example.org"}).status_code == 200
    problem_of(post(api, {"word": "a"}, headers={"Origin": "https://example.com"}), 403)


def test_head_answers_like_get_without_a_body_and_reaches_the_view_as_head(api: Client) -> None:
    response = api.head("/api/words?page=1")
    assert response.status_code == 200
    assert response.content == b""
    assert response["Content-Length"] == str(len(json.dumps({"page": 1, "head": True})))


def test_a_view_can_raise_a_problem_with_all_its_parts(api: Client) -> None:
    body = problem_of(api.get("/api/words/taken"), 409)
    assert (body["code"], body["errors"], body["at"]) == ("busy", [{"field": "name", "message": "taken"}], 1)


def test_a_server_error_does_not_quote_the_exception(api: Client) -> None:
    body = problem_of(api.get("/api/words/broken"), 500)
    assert "ZeroDivision" not in json.dumps(body)


def test_an_unknown_host_name_is_refused(api: Client) -> None:
    problem_of(api.get("/api/words?page=1", headers={"Host": "evil.example"}), 400)

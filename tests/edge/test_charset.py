"""A charset that is a Python codec but no text encoding is refused with a body and ignored without one."""

import httpx
import pytest
from django.core.asgi import get_asgi_application

from coach.edge.charset import ReadableCharset

pytestmark = pytest.mark.django_db(transaction=True)

CHARSETS = ["zlib", "hex", "idna", "undefined", "utf-7", "utf-16", "rot13", "x" * 500, "a\x00b", "bogus", "mbcs"]


def client() -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=ReadableCharset(get_asgi_application()))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")


@pytest.mark.parametrize("charset", CHARSETS)
async def test_a_body_in_an_unsupported_charset_is_a_415(charset: str) -> None:
    async with client() as http:
        for page in ("/", "/i18n/setlang/", "/admin/login/", "/api/sessions"):
            for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json"):
                headers = [(b"content-type", f"{kind}; charset={charset}".encode())]
                response = await http.post(page, content=b"language=en", headers=headers)
                assert response.status_code == 415
                assert "UTF-8" in response.text
                assert ("problem+json" in response.headers["content-type"]) is page.startswith("/api/")


@pytest.mark.parametrize("charset", CHARSETS)
async def test_a_charset_on_a_request_without_body_changes_nothing(charset: str) -> None:
    async with client() as http:
        headers = [(b"content-type", f"text/plain; charset={charset}".encode())]
        assert (await http.get("/?search=é&category=x", headers=headers)).status_code == 200


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
async def test_forms_in_utf_8_are_read(charset: str) -> None:
    async with client() as http:
        kind = f"application/x-www-form-urlencoded; charset={charset}"
        response = await http.post("/i18n/setlang/", content=b"language=en", headers={"content-type": kind})
        assert response.status_code == 403, "read, and refused for its missing CSRF token only"

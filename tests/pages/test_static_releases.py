"""While two releases serve one site, each answers requests for the other's static files."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import HttpResponse, HttpResponseNotFound
from django.test import RequestFactory, override_settings

from coach.pages.static_releases import StaticFilesOfAnyRelease

OURS, THEIRS = "/static/js/room.0123456789ab.js", "/static/js/room.ba9876543210.js"


@pytest.fixture
def middleware(tmp_path: Path) -> Iterator[StaticFilesOfAnyRelease]:
    (tmp_path / "js").mkdir()
    for name in ("room.js", "room.0123456789ab.js"):
        (tmp_path / "js" / name).write_text("ours")
    paths = {"js/room.js": "js/room.0123456789ab.js"}
    (tmp_path / "staticfiles.json").write_text(json.dumps({"version": "1.1", "hash": "", "paths": paths}))
    with override_settings(STATIC_ROOT=tmp_path, WHITENOISE_USE_FINDERS=False, WHITENOISE_AUTOREFRESH=False):
        yield StaticFilesOfAnyRelease(lambda _: HttpResponseNotFound())


def answer(middleware: StaticFilesOfAnyRelease, path: str) -> tuple[int, bytes, str]:
    response = middleware(RequestFactory().get(path))
    content = response.content if isinstance(response, HttpResponse) else b"".join(response.streaming_content)
    return response.status_code, content, response.headers.get("Cache-Control", "")


def test_a_file_of_another_release_is_answered_with_ours_and_not_cached(middleware: StaticFilesOfAnyRelease) -> None:
    assert answer(middleware, THEIRS) == (200, b"ours", "no-store")
    status, content, kept = answer(middleware, OURS)
    assert (status, content) == (200, b"ours")
    assert "immutable" in kept


@pytest.mark.parametrize("path", ["/static/js/gone.ba9876543210.js", "/static/js/room.new.js", "/room.ba9876543210.js"])
def test_a_file_unknown_to_this_release_is_not_found(middleware: StaticFilesOfAnyRelease, path: str) -> None:
    assert answer(middleware, path)[0] == 404

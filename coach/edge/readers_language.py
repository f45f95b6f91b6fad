"""The reader's language: the one chosen on the page, else the one the browser asks for, else the default."""

import re
from collections.abc import Iterator, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation import get_supported_language_variant

HEADER_MAX = 500
"""Characters of Accept-Language that are read; browsers send far fewer."""
UNASKED = 1e-6
"""Quality of a language that the header says nothing about."""
_RANGE = re.compile(r"\s*(\*|[a-z]{1,8}(?:[-_][a-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(\d+(?:\.\d*)?|\.\d+)\s*)?")


class ReadersLanguage(LocaleMiddleware):
    """Django's, with `of_request`: Django serves languages that are refused (`zh;q=0`) and drops a header in which
    one range is not well-formed (`zh_CN`)."""

    def process_request(self, request: HttpRequest) -> None:
        translation.activate(of_request(request))
        request.LANGUAGE_CODE = translation.get_language()


def of_request(request: HttpRequest) -> str:
    """One of `settings.LANGUAGES`."""
    chosen = _supported(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
    return chosen or _asked_for(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))


def of_scope(scope: Mapping[str, Any]) -> str:
    """Likewise, for code that has no Django request."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope.get("headers", ())}
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = headers.get("accept-language", "")
    try:
        request.COOKIES = {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        request.COOKIES = {}
    return of_request(request)


def _asked_for(header: str) -> str:
    """The supported language of the highest quality (RFC 9110, 12.5.4), of equals the first in the header.

    A language that is not named has the quality of `*`; without one it still comes before a refused one.
    """
    ranges = sorted(_ranges(header), key=lambda one: -one[1])
    named: dict[str, float] = {}
    for tag, quality in ranges:
        if code := _supported(tag):
            named.setdefault(code, quality)
    unnamed = next((quality for tag, quality in ranges if tag == "*"), UNASKED)
    wanted = [code for code, quality in named.items() if quality]
    known = [*wanted, settings.LANGUAGE_CODE, *(code for code, _name in settings.LANGUAGES)]
    return max(known, key=lambda code: named.get(code, unnamed))


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    """Language range and quality of each part that can be read; `zh_CN` is read as `zh-cn`."""
    for part in header[:HEADER_MAX].lower().split(","):
        if read := _RANGE.fullmatch(part):
            tag, quality = read.groups()
            yield tag.replace("_", "-"), 1.0 if quality is None else min(1.0, float(quality))


def _supported(tag: str) -> str | None:
    """The supported language closest to a tag; None if there is none."""
    try:
        return get_supported_language_variant(tag)
    except LookupError:
        return None

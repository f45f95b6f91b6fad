"""The reader's language, for code that has no Django request."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.http import HttpRequest
from django.utils import translation


def of_scope(scope: Mapping[str, Any]) -> str:
    """As LocaleMiddleware chooses it: the language cookie, else Accept-Language, else the default."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope.get("headers", ())}
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = headers.get("accept-language", "")
    try:
        request.COOKIES = {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        request.COOKIES = {}
    return translation.get_language_from_request(request)

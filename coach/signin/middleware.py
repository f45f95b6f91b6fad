"""Sign-in for requests: sets the trainee, and sends strangers to the sign-in page."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from coach import identity
from coach.edge.problems import problem

SIGN_IN_PAGES = "accounts/"
# Views that reveal nothing about anybody. The admin has its own sign-in.
OPEN_VIEWS = frozenset({"set_language", "api-docs", "asyncapi", "api-1:openapi-json"})
ADMIN = "admin"
RENEW_AFTER_SECONDS = 3600
RENEWED = "renewed"


class SignInDoor(LoginRequiredMiddleware):
    """Must come after the authentication middleware. Every view needs a trainee unless it says otherwise.

    A page redirects to the sign-in page, an htmx request makes the browser go there, an API call gets a 401.
    """

    def process_request(self, request: HttpRequest) -> None:
        identity.become(None)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, options: Any
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        assert match is not None
        if not identity.signs_in():
            if match.route.startswith(SIGN_IN_PAGES):
                raise Http404
            return None
        if request.user.is_authenticated:
            identity.become(identity.of_account(request.user.pk))
            _renew(request)
            return None
        if ADMIN in match.app_names or match.view_name in OPEN_VIEWS or not getattr(view, "login_required", True):
            return None
        return _ask_to_sign_in(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        identity.become(None)
        # After signing out, pages must not come back with the back button.
        if identity.signs_in() and response.headers.get("Content-Type", "").startswith("text/html"):
            patch_cache_control(response, private=True, no_store=True)
        return response


def _renew(request: HttpRequest) -> None:
    """Extend the sign-in: it lasts SESSION_COOKIE_AGE after its last use, written once an hour."""
    now = int(time.time())
    if now - request.session.get(RENEWED, 0) > RENEW_AFTER_SECONDS:
        request.session[RENEWED] = now


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    sign_in = resolve_url(settings.LOGIN_URL)
    if request.path_info.startswith("/api/"):
        said = _("You're not signed in, or your sign-in has expired. Sign in at {address} and try again.").format(
            address=sign_in
        )
        return problem(401, said, code="sign_in", headers={"WWW-Authenticate": f'Session realm="{sign_in}"'})
    address = f"{sign_in}?{urlencode({'next': _way_back(request)})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _way_back(request: HttpRequest) -> str:
    """The page to return to: not a part of one, nor a URL that was posted to."""
    if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return "/"
    parts = urlsplit(page)
    return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"

"""django-allauth's views, with this site's additions."""

from typing import Any

import structlog
from allauth.account import views as account
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import csrf
from requests import RequestException

from coach.signin.provider import PROVIDER_ID

SIGN_IN_VIEWS = {"account_login": settings.LOGIN_REDIRECT_URL, "admin:login": "admin:index"}
"""With the first page behind each."""

log = structlog.get_logger(__name__)

# allauth (65.22) uses the provider's answers without looking at their shape: a page of HTML, a list, a missing field, a
# subject that is too long.
UNUSABLE_ANSWERS = (RequestException, ImproperlyConfigured, KeyError, TypeError, AttributeError, ValueError)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Who signs in twice, in two tabs, goes on: the first time changed the token of every page that was open."""
    match = request.resolver_match
    first_page = SIGN_IN_VIEWS.get(match.view_name) if match else None
    if first_page is None or not request.user.is_authenticated:
        return csrf.csrf_failure(request, reason)
    wanted = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return redirect(wanted if here else first_page)


def logout(request: HttpRequest) -> HttpResponseBase:
    """Sign out and clear the browser's data, so that nothing remains on a shared computer."""
    response: HttpResponseBase = account.logout(request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def change_password(request: HttpRequest) -> HttpResponseBase:
    """Change the password, for users who have one: a provider's users change theirs at the provider."""
    if not (request.user.is_authenticated and request.user.has_usable_password()):
        raise Http404
    response: HttpResponseBase = account.password_change(request)
    return response


@login_not_required
def provider_login(request: HttpRequest) -> HttpResponseBase:
    """Go to the provider through an intermediate page.

    Browsers apply this site's `form-action` to every redirect after a form, so it would have to list each host that the
    provider redirects to.
    """
    try:
        answer: HttpResponse = openid_connect.login(request, PROVIDER_ID)
    except UNUSABLE_ANSWERS as error:
        return _provider_away(request, error)
    address = answer.headers.get("Location")
    if request.method != "POST" or not address:
        return answer
    response = render(request, "socialaccount/to_provider.html", {"address": address})
    response.headers["Refresh"] = f"0; url={address}"
    add_never_cache_headers(response)
    return response


@login_not_required
def provider_callback(request: HttpRequest, **options: Any) -> HttpResponseBase:
    try:
        response: HttpResponseBase = openid_connect.callback(request, PROVIDER_ID)
    except UNUSABLE_ANSWERS as error:
        return _provider_away(request, error)
    return response


def _provider_away(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("OpenID provider gives no usable answer", exc_info=error)
    return render(request, "socialaccount/authentication_error.html", status=503)


logout.login_required = False  # type: ignore[attr-defined]

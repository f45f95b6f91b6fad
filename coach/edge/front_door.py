"""The first middleware after the security headers: checks that every request must pass before anything else reads it.

Health probes are answered for any Host, so that a load balancer or `scripts/up` may ask by IP address.
"""

from collections.abc import Callable

import structlog
from django.core.exceptions import BadRequest, DisallowedHost
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from coach.edge import api_edge, arrival, input_limits
from coach.edge.api_edge import PREFIX
from coach.edge.problems import problem
from coach.health import healthz, readyz

log = structlog.get_logger(__name__)
LOGGED_CHARS = 200

PROBES: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {"/healthz": healthz, "/readyz": readyz}


class FrontDoor(MiddlewareMixin):
    """Notes when a request arrived and answers probes. Refuses unknown hosts (400) and paths that no database can look
    up (404); drops cookies and, on pages, query values that cannot be text.
    """

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        arrival.note(request)
        if probe := PROBES.get(request.path_info):
            return probe(request) if request.method in ("GET", "HEAD") else api_edge.read_only()
        if input_limits.text_fault(request.path_info):
            return api_edge.page_not_found(request, BadRequest())
        _drop_bad_cookies(request)
        _drop_bad_query(request)
        return _unknown_host(request)


def _unknown_host(request: HttpRequest) -> HttpResponseBase | None:
    try:
        request.get_host()
    except DisallowedHost:
        log.warning("a name that ALLOWED_HOSTS does not list", host=request.META.get("HTTP_HOST", "")[:LOGGED_CHARS])
        if request.path_info.startswith(PREFIX):
            detail = "This server does not answer under that name. Its operator sets names in ALLOWED_HOSTS."
            return problem(400, detail)
        return render(request, "400_host.html", status=400)
    return None


def _drop_bad_cookies(request: HttpRequest) -> None:
    """A quoted cookie may contain a NUL, which a query of the session table cannot."""
    for name, value in list(request.COOKIES.items()):
        if input_limits.text_fault(value):
            del request.COOKIES[name]


def _drop_bad_query(request: HttpRequest) -> None:
    """On pages only, where a faulty link should still show something; the API reports each field itself."""
    if request.path_info.startswith(PREFIX):
        return
    given = [(name, value) for name, values in request.GET.lists() for value in values]
    kept = [(name, value) for name, value in given if not any(map(input_limits.text_fault, (name, value)))]
    if len(kept) < len(given):
        query = QueryDict(mutable=True)
        for name, value in kept:
            query.appendlist(name, value)
        request.GET = query  # type: ignore[assignment]

"""The edge of the JSON API: refuses requests before they reach a view, and gives every refusal the same form.

`ApiEdge` is middleware for everything under /api/; `ParsedBody` is the parser of a NinjaAPI behind it, and `install`
adds its exception handlers.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from django.views import defaults
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from coach.database.unavailable import is_away
from coach.edge import input_limits
from coach.edge.origin import is_own
from coach.edge.problems import CONTENT_TYPE, Problem, problem
from coach.edge.try_later import try_later

PREFIX = "/api/"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

DETAILS = {
    400: "The request could not be understood. Check the address, the headers and the body.",
    403: "This is not allowed.",
    404: "Page not found. /api/docs lists what there is.",
    405: "This address does not take this method. The Allow header names those it takes.",
    413: "The body is over 256 KiB. Send a shorter recording or text.",
    415: "Send the body as application/json.",
    416: "The recording does not reach that far. Ask for a range inside it.",
    500: "Something went wrong on the server. It was logged; try again.",
    503: "The server cannot answer now. Try again in a few seconds.",
}
COMPRESSED = "Send the body as it is: no Content-Encoding is read here."
NO_OBJECT = "The body is not a JSON object. Send one with the fields that /api/docs lists."
DOCUMENTS = frozenset({"/api/docs", "/api/openapi.json", "/api/asyncapi.json"})
RETRY_AFTER_SECONDS = 5
KEPT_HEADERS = ("Allow", "Content-Range", "Retry-After")


log = structlog.get_logger(__name__)


class ParsedBody(Parser):
    """Returns what the edge has already parsed and checked."""

    def parse_body(self, request: HttpRequest) -> Any:
        return request.json  # type: ignore[attr-defined]


class ApiEdge(MiddlewareMixin):
    """Refuses what no view should see; turns plain error pages into problem documents; makes HEAD work like GET.

    A HEAD request reaches its view as GET with `request.is_head` set, so that nothing counts it as a visit.
    """

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        request.is_head = request.method == "HEAD"  # type: ignore[attr-defined]
        if not request.path_info.startswith(PREFIX):
            return None
        if request.is_head:  # type: ignore[attr-defined]
            request.method = "GET"
        if request.path_info in DOCUMENTS and request.method != "GET":
            return read_only()
        if refused := _foreign(request):
            return refused
        fault = _bad_query(request) or _bad_body(request)
        if fault is None or not _names_a_record(request.path_info):
            return fault
        request.fault = fault  # type: ignore[attr-defined] # told by the operation, once its record is found
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return response
        if request.is_head:  # type: ignore[attr-defined]
            # The server omits the body of responses to HEAD.
            request.method = "HEAD"
        if response.status_code < 400:
            return response
        kind = response.headers.get("Content-Type", "").split(";")[0]
        if kind in (CONTENT_TYPE, "application/json"):
            return response
        status = response.status_code
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        return problem(status, DETAILS.get(status, DETAILS[400]), headers=headers)


def read_only() -> HttpResponse:
    """For any method but GET and HEAD."""
    return problem(405, DETAILS[405], headers={"Allow": "GET, HEAD"})


def _foreign(request: HttpRequest) -> HttpResponse | None:
    origin = request.headers.get("Origin")
    if origin is None or request.method in SAFE_METHODS:
        return None
    scheme = request.scheme or "http"
    if is_own(origin, host=request.get_host(), scheme=scheme, trusted=settings.CSRF_TRUSTED_ORIGINS):
        return None
    return problem(403, "Requests from other sites' pages may not change anything here.", code="foreign_origin")


def _bad_query(request: HttpRequest) -> HttpResponse | None:
    found = [
        {"field": name if input_limits.text_fault(name) is None else "query", "message": message}
        for name, values in request.GET.lists()
        for message in [next(filter(None, map(input_limits.text_fault, [name, *values])), None)]
        if message
    ]
    return problem(422, "Correct the query and send it again.", errors=found) if found else None


def _bad_body(request: HttpRequest) -> HttpResponse | None:
    if request.method not in WITH_BODY:
        return None
    declared = request.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > input_limits.MAX_BODY_BYTES:
        return problem(413, DETAILS[413], code="too_large")
    body = request.body
    if not body:
        return None
    if request.content_type != "application/json":
        return problem(415, DETAILS[415])
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        return problem(415, COMPRESSED, headers={"Accept-Encoding": "identity"})
    try:
        value = input_limits.parsed(body)
        request.json = value  # type: ignore[attr-defined]
    except input_limits.NotJson as error:
        return problem(400, f"The body is not JSON: {error}. Correct it and send it again.")
    if not isinstance(value, dict):
        return problem(422, NO_OBJECT, errors=[{"field": "body", "message": "is not a JSON object"}])
    found = [{"field": field or "body", "message": message} for field, message in input_limits.faults(value)]
    return problem(422, "Correct the fields named in errors and send it again.", errors=found) if found else None


def _names_a_record(path: str) -> bool:
    try:
        return bool(resolve(path).kwargs)
    except Resolver404:
        return False


def _page(status: int, default: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Django's error page, except for URLs of the API."""

    def page(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponseBase:
        if request.path_info.startswith(PREFIX):
            return problem(status, DETAILS[status])
        return default(request, *arguments, **options)

    return page


bad_request = _page(400, defaults.bad_request)
permission_denied = _page(403, defaults.permission_denied)
page_not_found = _page(404, defaults.page_not_found)
_server_error = _page(500, defaults.server_error)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """503 while the database is away or has no connection left, whatever asked it, the view or middleware; else 500."""
    # Django calls this while it handles the exception, and passes it to nobody.
    error = sys.exc_info()[1]
    if error is None or not is_away(error):
        return _server_error(request)
    log.error("the database does not answer", error=type(error.__cause__ or error).__name__)
    said = _("The server can't reach its database. What you recorded and wrote is kept; try again in a few seconds.")
    return try_later(request, said, RETRY_AFTER_SECONDS)


def install(api: NinjaAPI, *, look_up: Callable[..., None] = lambda **ids: None) -> None:
    """Register handlers so that every exception of `api`'s views gets the same form.

    `look_up` gets the ids in the address and raises what the operation would if one of them names nothing: a client
    learns that its session is gone before it is told what is wrong with its query or body.
    """

    def absent(request: HttpRequest) -> HttpResponseBase | None:
        assert request.resolver_match is not None
        try:
            look_up(**request.resolver_match.kwargs)
        except Exception as error:
            # As if the operation had raised it: the API's handlers answer what they know and raise the rest again.
            return api.on_exception(request, error)
        return None

    def without_fault(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        def guarded(request: HttpRequest, *arguments: Any, **ids: Any) -> HttpResponseBase:
            fault: HttpResponseBase | None = getattr(request, "fault", None)
            return (absent(request) or fault) if fault else run(request, *arguments, **ids)

        return guarded

    api.add_decorator(without_fault, mode="view")

    @api.exception_handler(Problem)
    def raised(request: HttpRequest, error: Problem) -> HttpResponse:
        return error.response()

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponseBase:
        found = [{"field": _field(one["loc"]), "message": _sentence(one)} for one in error.errors]
        return absent(request) or problem(422, "Correct the fields named in errors and send it again.", errors=found)

    @api.exception_handler(HttpError)
    def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, str(error))

    # Erased since it was looked up.
    @api.exception_handler(ObjectDoesNotExist)
    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(404, "There is no such record. It may have been deleted; ask for the list again.")


def _field(location: Sequence[Any]) -> str:
    """`("body", "payload", "startedAt")` → `startedAt`: clients need neither the source nor our parameter's name."""
    source, *rest = [str(part) for part in location]
    if source in ("body", "form") and len(rest) > 1:
        rest = rest[1:]
    elif source in ("body", "form"):
        rest = []
    return ".".join(rest) or source


def _sentence(error: Mapping[str, Any]) -> str:
    message = str(error.get("msg", "is not valid"))
    return message.removeprefix("Value error, ")

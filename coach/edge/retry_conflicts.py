"""Repeats a request that met a database conflict, instead of answering 500."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from coach.database.conflicts import is_conflict, retried
from coach.edge.problems import problem

RETRY_AFTER_SECONDS = 2


class RetryConflicts(MiddlewareMixin):
    """Must be last in the list: everything else a view needs is prepared once, before it."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: list[Any], options: dict[str, Any]
    ) -> HttpResponseBase | None:
        if iscoroutinefunction(view):
            return None
        try:
            return retried(view)(request, *args, **options)
        except OperationalError as error:
            if not is_conflict(error):
                raise
            return _later(request)


def _later(request: HttpRequest) -> HttpResponseBase:
    said = _("The server is very busy. Nothing was lost; try again in a few seconds.")
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    if request.path_info.startswith("/api/"):
        return problem(503, said, headers=headers)
    return HttpResponse(said, status=503, content_type="text/plain; charset=utf-8", headers=headers)

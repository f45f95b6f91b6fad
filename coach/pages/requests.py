"""The request type as views see it after the middlewares."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class PageRequest(HttpRequest):
    """A request with htmx's details."""

    htmx: HtmxDetails


def wants_part(request: PageRequest, target: str) -> bool:
    """True if htmx asks only for the element with id `target`; going back always gets the whole page."""
    return request.htmx.target == target and not request.htmx.history_restore_request

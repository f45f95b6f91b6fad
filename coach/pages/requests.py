"""The request as views see it once the middlewares have been at it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class PageRequest(HttpRequest):
    """A request with what htmx said about itself."""

    htmx: HtmxDetails


def wants_part(request: PageRequest, target: str) -> bool:
    """True where htmx asks for the element with the id `target` alone; going back always gets the whole page."""
    return request.htmx.target == target and not request.htmx.history_restore_request

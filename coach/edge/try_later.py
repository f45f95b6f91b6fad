"""The answer to a request that cannot be served now: a page for people, a problem document for programs."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from coach.edge import plain_page
from coach.edge.problems import problem


def try_later(request: HttpRequest, said: str, seconds: int) -> HttpResponseBase:
    """503 with `Retry-After`. `said`: why, in the reader's language."""
    headers = {"Retry-After": str(seconds)}
    if request.path_info.startswith("/api/"):
        return problem(503, said, headers=headers)
    page = plain_page.in_current_language("503.html", said=said, again=request.method in ("GET", "HEAD"))
    return HttpResponse(page, status=503, headers=headers | {"Content-Security-Policy": plain_page.POLICY})

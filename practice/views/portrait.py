"""Serves the drawn portraits."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from practice.portraits import drawing, looks


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def portrait(request: HttpRequest, edition: str, code: str) -> HttpResponse:
    """The SVG of a look; `edition` only changes the URL when the drawing changes."""
    look = looks.of_code(code)
    if look is None:
        raise Http404
    return HttpResponse(drawing.svg(look), content_type="image/svg+xml")

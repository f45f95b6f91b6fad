"""The operators' page: promises against target, places, and what is stuck."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from coach import clock
from history import operations_report

WINDOWS = (1, 7, 30)


def operations_view(request: HttpRequest) -> HttpResponse:
    """How the last days went (`?days=`) and how things stand now."""
    if not request.user.has_perm("history.view_erasure"):  # type: ignore[union-attr]
        raise PermissionDenied
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, WINDOWS) else 7
    now = clock.now()
    context = {
        **admin.site.each_context(request),
        "title": _("Operations"),
        "criteria": operations_report.criteria(now=now, days=days),
        "days": days,
        "windows": WINDOWS,
        "places": operations_report.places(),
        "troubles": operations_report.troubles(),
        "now": now,
    }
    return TemplateResponse(request, "admin/history/operations.html", context)

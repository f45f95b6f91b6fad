"""The operators' page: promises, capacity, what needs attention, models and money, and system status."""

from datetime import timedelta
from typing import Any

from auditlog.models import LogEntry
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coach import clock
from coach.database import wal_reset
from coach.model_use import totals
from history import retention
from history.models import Erasure, RetentionRun
from history.operator_reports import (
    alerts,
    charts,
    cost_report,
    jobs_report,
    operations_report,
    success_criteria,
    success_reports,
    system_report,
)
from practice.catalog import change_history

MAY_SEE, MAY_ACT = "history.view_erasure", "history.manage_operations"


def operations_view(request: HttpRequest) -> HttpResponse:
    """The last days (`?days=`) and the present state; only the parts if the page refreshes itself."""
    if not request.user.has_perm(MAY_SEE):  # type: ignore[union-attr]
        raise PermissionDenied
    days = _days(request.GET.get("days", ""))
    template = "admin/history/operations.html"
    if request.headers.get("HX-Request"):
        template += "#parts"
    context = {**admin.site.each_context(request), "title": _("Operations"), **_figures(days)}
    context["may_act"] = request.user.has_perm(MAY_ACT)  # type: ignore[union-attr]
    response = TemplateResponse(request, template, context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _days(asked: str) -> int:
    return int(asked) if asked in map(str, success_criteria.PERIODS) else 7


def _figures(days: int) -> dict[str, Any]:
    now = clock.now()
    found = operations_report.troubles(now - timedelta(days=days))
    criteria = success_reports.reports(now=now, days=days)
    told: dict[str, Any] = {
        "costs": cost_report.costs(now=now, days=days),
        "ends": system_report.announced_ends(now),
        "jobs": jobs_report.jobs(now),
        "workers": system_report.workers(),
    }
    return {
        **told,
        "alerts": alerts.alerts(criteria=criteria, **told),
        "criteria": [(report, charts.columns(report.steps, target=report.chosen.target)) for report in criteria],
        "days": days,
        "windows": success_criteria.PERIODS,
        "zone": totals.zone(),
        "places": operations_report.places(),
        "troubles": [each for each in found if each.count],
        "at_ease": [each for each in found if not each.count],
        "jobs": [each for each in told["jobs"] if not each.is_idle],
        "idle_jobs": [each for each in told["jobs"] if each.is_idle],
        "providers": system_report.providers(now=now, days=days),
        "first_audio": system_report.first_audio(now=now, days=days),
        "disk": system_report.disk(),
        "sqlite_with_bug": wal_reset.affected_version(),
        "retention": retention.preview(now),
        "retention_run": RetentionRun.objects.exclude(finished_at=None).first(),
        "now": now,
    }


def act_view(request: HttpRequest) -> HttpResponse:
    """Retry or give up one job, or retry all of a kind, with permission; written to the audit log."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not request.user.has_perm(MAY_ACT):  # type: ignore[union-attr]
        raise PermissionDenied
    kind, what, key = (request.POST.get(name, "").replace("\0", "")[:60] for name in ("kind", "act", "key"))
    now, days = clock.now(), _days(request.POST.get("days", ""))
    done = ""
    if what == "retry_all":
        if count := operations_report.retry_all(kind, begins=now - timedelta(days=days), now=now):
            key, done = str(count), ngettext("Retrying %(count)s job now.", "Retrying %(count)s jobs now.", count)
            done %= {"count": count}
    elif operations_report.act(kind, what, key, now=now):
        done = {"retry": _("Retrying now."), "give_up": _("Given up.")}[what]
    if done:
        messages.success(request, done)
        _write_down(request, kind, what, key)
    else:
        messages.warning(request, _("Nothing was changed: it is already done, or someone else got there first."))
    # To its top, where the message is.
    return HttpResponseRedirect(f"{reverse('admin:practice_operations')}?days={days}")


def _write_down(request: HttpRequest, kind: str, what: str, key: str) -> None:
    """A separate audit entry: the record may be of a kind that is not logged, and may be gone by now."""
    with change_history.by(request.user):
        LogEntry.objects.log_create(
            Erasure(pk=key),
            action=LogEntry.Action.UPDATE,
            force_log=True,
            object_repr=f"{kind}: {key}",
            changes={"job": [kind, what]},
        )

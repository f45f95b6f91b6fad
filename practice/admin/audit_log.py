"""The audit log in the admin: every change of skills and scenarios, in the words of each record's own history."""

from typing import Any

from auditlog.admin import LogEntryAdmin
from auditlog.models import LogEntry
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practice.catalog import change_history

FIELDS_NAMED = 4


class KindFilter(admin.SimpleListFilter):
    """Scenarios or skills."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("scenario", _("Scenarios")), ("skill", _("Skills"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        return queryset.filter(content_type__model=self.value()) if self.value() else queryset


class ChangeLogAdmin(LogEntryAdmin):  # type: ignore[misc]
    """Entries can only be read."""

    list_display = ("at", "record", "did", "changed", "who")
    list_filter = (KindFilter, "actor")
    search_fields = ("object_repr", "changes", "actor__username", "actor__first_name", "actor__last_name")
    readonly_fields = ("at", "record", "did", "who", "lines")
    fieldsets = ((None, {"fields": readonly_fields}),)

    @admin.display(description=gettext_lazy("When"), ordering="timestamp")
    def at(self, entry: LogEntry) -> str:
        return date_format(localtime(entry.timestamp), "DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("What"), ordering="object_repr")
    def record(self, entry: LogEntry) -> str:
        return format_html('<span class="quiet">{}</span> {}', capfirst(entry.content_type.name), entry.object_repr)

    @admin.display(description=gettext_lazy("Action"))
    def did(self, entry: LogEntry) -> str:
        return change_history.event(entry).did

    @admin.display(description=gettext_lazy("Fields"))
    def changed(self, entry: LogEntry) -> str:
        names = [line.name for line in change_history.event(entry).lines]
        named, rest = ", ".join(names[:FIELDS_NAMED]), len(names) - FIELDS_NAMED
        return _("%(names)s and %(number)s more") % {"names": named, "number": rest} if rest > 0 else named

    @admin.display(description=gettext_lazy("By"), ordering="actor")
    def who(self, entry: LogEntry) -> str:
        return change_history.event(entry).by or _("a program, such as the importer")

    @admin.display(description=gettext_lazy("Changes"))
    def lines(self, entry: LogEntry) -> str:
        return render_to_string("admin/desk/changes.html", {"lines": change_history.event(entry).lines})

"""Shared by the admin of skills and scenarios: deleted records, history, duplicates, import and export files."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coach import clock
from coach.pages.admin_search import FoldedSearch
from practice.admin import form_outline
from practice.catalog import change_history, curation
from practice.models import Scenario, Skill
from practice.seed_data import seed_format

View = Callable[..., HttpResponse]


class BinFilter(admin.SimpleListFilter):
    """Shows records in use; deleted ones only on request."""

    title = gettext_lazy("deleted")
    parameter_name = "bin"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("deleted", _("Deleted")), ("all", _("All"))]

    def choices(self, changelist: ChangeList) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("In use")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(deleted_at__isnull=self.value() != "deleted")


class CatalogAdmin(FoldedSearch):
    """Deletion is soft, every edit is attributed to a person, and a deleted record can only be read or restored."""

    change_form_template = "admin/desk/change_form.html"
    change_list_template = "admin/desk/change_list.html"
    delete_confirmation_template = "admin/desk/delete_confirmation.html"
    object_history_template = "admin/desk/history.html"
    save_on_top = False
    list_per_page = 50
    file_name = ""
    actions: Sequence[Any] = ("delete_all", "restore_all", "export_all")

    @admin.display(description=gettext_lazy("saved"), ordering="updated_at")
    def saved(self, record: Any) -> str:
        return date_format(timezone.localtime(record.updated_at), "SHORT_DATE_FORMAT")

    # Permissions

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.deleted_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.deleted_at is None)

    def has_restore_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return super().has_delete_permission(request, obj)

    # URLs

    def own_views(self) -> list[tuple[str, str, View]]:
        """Route, name and view of each page beside Django's. A subclass adds its own here: edits are attributed."""
        return [
            ("<path:object_id>/duplicate/", "duplicate", self.duplicate_view),
            ("<path:object_id>/restore/", "restore", self.restore_view),
            ("export/", "export", self.export_view),
        ]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(route, self.admin_site.admin_view(view), name=self.url_name(name))
            for route, name, view in self.own_views()
        ]
        every: list[URLPattern] = [*own, *super().get_urls()]
        for pattern in every:
            if pattern.callback is not None:
                pattern.callback = _signed(pattern.callback)
        return every

    def url_name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def url_of(self, name: str, *args: Any) -> str:
        return reverse(f"admin:{self.url_name(name)}", args=args)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {**(extra_context or {}), "may_import": may_import(request)}
        return super().changelist_view(request, context)

    # Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            obj.version += 1
        super().save_model(request, obj, form, change)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        record = self.get_object(request, unquote(object_id)) if object_id else None
        context = {**(extra_context or {}), "may_restore": self.has_restore_permission(request, record)}
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except IntegrityError:
            words = _("Someone else has just saved one with the same name. Nothing was saved; try again.")
            self.message_user(request, words, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        outline = form_outline.parts(context["adminform"], context["inline_admin_formsets"])
        return super().render_change_form(request, {**context, "outline": outline}, *args, **kwargs)

    # Deletion and restoring

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Soft deletion cascades to nothing; reports what prevents it."""
        reasons = [problem.message for record in objs for problem in curation.in_the_way(record)]
        return [str(record) for record in objs], {}, set(), reasons

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        curation.delete(obj, now=clock.now())

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        record = self.get_object(request, unquote(object_id))
        drafts = list(record.scenarios.filter(deleted_at=None)) if isinstance(record, Skill) else []
        try:
            return super().delete_view(request, object_id, {**(extra_context or {}), "drafts": drafts})
        except curation.EditRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(self.url_of("change", object_id))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        words = _("“%(name)s” has been deleted. It can be restored: choose Deleted in the filter of the list.")
        self.message_user(request, words % {"name": obj_display}, messages.SUCCESS)
        return HttpResponseRedirect(self.url_of("changelist"))

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        unwanted = "delete_all" if request.GET.get("bin") == "deleted" else "restore_all"
        actions.pop(unwanted, None)
        return actions

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        found, distinct = super().get_search_results(request, queryset, search_term)
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            found = found.filter(deleted_at=None)
        return found, distinct

    @admin.action(description=gettext_lazy("Delete (can be restored)"), permissions=["delete"])
    def delete_all(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, lambda record: curation.delete(record, now=clock.now()), _("Deleted: %s."))

    @admin.action(description=gettext_lazy("Restore"), permissions=["restore"])
    def restore_all(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, curation.restore, _("Restored: %s."))

    def each(self, request: HttpRequest, records: QuerySet[Any], deed: Callable[[Any], Any], done: str) -> list[Any]:
        """Apply `deed` to every record; report successes and, for each refusal, the reason.

        Returns the changed records.
        """
        changed = []
        for record in records:
            try:
                deed(record)
            except curation.EditRefused as refusal:
                link = format_html('<a href="{}">{}</a>', self.url_of("change", record.pk), record)
                self.message_user(request, format_html("{}: {}", link, str(refusal)), messages.ERROR)
            else:
                self.log_change(request, record, done % record)
                changed.append(record)
        if changed:
            self.message_user(request, done % ", ".join(f"“{record}”" for record in changed), messages.SUCCESS)
        return changed

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._post(request, object_id, self.has_restore_permission, self._restored)

    def _restored(self, request: HttpRequest, record: Any) -> HttpResponse:
        self.each(request, self.model._default_manager.filter(pk=record.pk), curation.restore, _("Restored: %s."))
        return HttpResponseRedirect(self.url_of("change", record.pk))

    # Duplicates

    def duplicate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._post(request, object_id, lambda asked, record: self.has_add_permission(asked), self._duplicated)

    def _duplicated(self, request: HttpRequest, record: Any) -> HttpResponse:
        copied = curation.duplicate(record)
        self.log_addition(request, copied, _("Duplicated from “%s”.") % record)
        self.message_user(request, _("This is a copy of “%s”. Give it a name of its own.") % record, messages.SUCCESS)
        return HttpResponseRedirect(self.url_of("change", copied.pk))

    def _post(
        self,
        request: HttpRequest,
        object_id: str,
        allowed: Callable[[HttpRequest, Any], bool],
        deed: Callable[[HttpRequest, Any], HttpResponse],
    ) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self.found(request, object_id)
        if not allowed(request, record):
            raise PermissionDenied
        return deed(request, record)

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The record in the URL; raises Http404, or PermissionDenied if the user may not even view it."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        return record

    # History

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The audit log of one record."""
        record = self.found(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of “%s”") % record,
            "object": record,
            "opts": self.opts,
            "module_name": capfirst(self.opts.verbose_name_plural),
            "events": change_history.events(record),
        }
        return TemplateResponse(request, self.object_history_template, context)

    # Files

    def record(self, row: Any) -> dict[str, Any]:
        """A row in the seed format."""
        raise NotImplementedError

    @admin.action(description=gettext_lazy("Export as JSON"), permissions=["view"])
    def export_all(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        return self._file(queryset.filter(deleted_at=None))

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Export every record that the list shows with the current filters, as one file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._file(self.get_changelist_instance(request).get_queryset(request).filter(deleted_at=None))

    def _file(self, rows: QuerySet[Any]) -> HttpResponse:
        content = seed_format.write(self.record(row) for row in rows)
        disposition = f'attachment; filename="{self.file_name}"'
        return HttpResponse(
            content, content_type="application/json; charset=utf-8", headers={"Content-Disposition": disposition}
        )


def bin_badge(record: Skill | Scenario) -> str:
    return format_html('<span class="badge badge-bin">{}</span>', _("Deleted"))


def may_import(request: HttpRequest) -> bool:
    needed = [f"practice.{verb}_{kind}" for verb in ("add", "change") for kind in ("skill", "scenario")]
    return bool(request.user.has_perms(needed))  # type: ignore[union-attr]


def _signed(view: View) -> View:
    """Attribute everything saved during the view to the requesting user in the audit log."""

    @wraps(view)
    def signed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with change_history.by(request.user):
            return view(request, *args, **kwargs)

    return signed

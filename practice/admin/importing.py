"""Importing files in the admin: the usual importer, with its changes shown on the page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coach.edge.input_limits import MAX_IMPORT_BYTES
from practice.admin.base import may_import
from practice.seed_data import seed_format, seeding
from practice.seed_data.seed_format import RecordT, ScenarioRecord, SeedFile, SkillRecord

# The upload limit of a request, minus what the form itself needs.
FILES_BYTES_MAX = MAX_IMPORT_BYTES - 4096


class ImportForm(forms.Form):
    skills = forms.FileField(
        label=gettext_lazy("Skills"), required=False, widget=forms.FileInput(attrs={"accept": ".json,application/json"})
    )
    scenarios = forms.FileField(
        label=gettext_lazy("Scenarios"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("skills") and not data.get("scenarios") and not self.errors:
            self.add_error(None, _("Choose at least one file."))
        return data


def import_view(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Check or import two files; every problem or change is listed. Rubrics in use are not changed."""
    if not may_import(request):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    report: seeding.Report | None = None
    problems: list[seed_format.SeedProblem] = []
    only_check = "_check" in request.POST
    if request.method == "POST" and form.is_valid():
        try:
            report = seeding.seed(
                _parsed(form.cleaned_data["skills"], SkillRecord),
                _parsed(form.cleaned_data["scenarios"], ScenarioRecord),
                dry_run=only_check,
                keep_rubrics_in_use=True,
            )
        except seeding.SeedRefused as refusal:
            problems = refusal.problems
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Import skills and scenarios"),
        "opts": model_admin.opts,
        "form": form,
        "report": report,
        "problems": problems,
        "only_check": only_check,
        "bytes_max": FILES_BYTES_MAX,
    }
    return TemplateResponse(request, "admin/desk/import.html", context)


def _parsed(file: UploadedFile | None, shape: type[RecordT]) -> SeedFile[RecordT] | None:
    if file is None:
        return None
    return seed_format.parse(file.name or "file", file.read(seed_format.FILE_BYTES_MAX + 1), shape)

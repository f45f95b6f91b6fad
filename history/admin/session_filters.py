"""Filters of the list of sessions in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.lifecycle import EvaluationStatus
from practice.ended_words import ADMIN_LABELS
from practice.models import PracticeSession, Scenario


class ScenarioFilter(admin.SimpleListFilter):
    title = gettext_lazy("scenario")
    parameter_name = "scenario"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(
            Scenario.objects.filter(sessions__isnull=False).distinct().order_by("title").values_list("pk", "title")
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[PracticeSession]) -> QuerySet[PracticeSession]:
        return queryset.filter(scenario=self.value()) if self.value() else queryset


class BegunFilter(admin.DateFieldListFilter):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.title = gettext_lazy("started")


class ReasonFilter(admin.SimpleListFilter):
    title = gettext_lazy("how it ended")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ADMIN_LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[PracticeSession]) -> QuerySet[PracticeSession]:
        return queryset.filter(termination_reason=self.value()) if self.value() else queryset


class EvaluationFilter(admin.SimpleListFilter):
    title = gettext_lazy("evaluation")
    parameter_name = "evaluation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*EvaluationStatus.choices, ("none", _("None"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PracticeSession]) -> QuerySet[PracticeSession]:
        if self.value() == "none":
            return queryset.filter(evaluation=None)
        return queryset.filter(evaluation__status=self.value()) if self.value() else queryset

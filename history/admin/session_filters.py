"""Filters for the session list in the admin."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coach import clock
from evaluations.lifecycle import EvaluationStatus
from practice.end_reason_words import ADMIN_LABELS
from practice.models import PracticeSession, Scenario

MONTHS = 12
"""How many past months can be chosen."""


class ScenarioFilter(admin.SimpleListFilter):
    title = gettext_lazy("scenario")
    parameter_name = "scenario"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        # An EXISTS per scenario; a join would read every session.
        practised = Exists(PracticeSession.objects.filter(scenario=OuterRef("pk")))
        return list(Scenario.objects.filter(practised).order_by("title").values_list("pk", "title"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[PracticeSession]) -> QuerySet[PracticeSession]:
        return queryset.filter(scenario=self.value()) if self.value() else queryset


class BegunFilter(admin.DateFieldListFilter):
    """Django's periods, plus each of the last months.

    All calendar months since the first session: `date_hierarchy` would read every session to find months that have any.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.title = gettext_lazy("started")
        first = PracticeSession.objects.order_by("sorted_at", "id").values_list("sorted_at", flat=True).first()
        if first is None:
            return
        begins = timezone.localtime(clock.now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        for _each in range(MONTHS):
            ends, begins = begins, (begins - timedelta(days=1)).replace(day=1)
            if ends <= first:
                break
            period: dict[str, Any] = {self.lookup_kwarg_since: begins, self.lookup_kwarg_until: ends}
            self.links = (*self.links, (date_format(begins, "YEAR_MONTH_FORMAT"), period))


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

"""Skills in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practice.admin.base import BinFilter, CatalogAdmin, bin_badge
from practice.admin.forms import SkillForm
from practice.catalog import rubric
from practice.lifecycle import ScenarioStatus
from practice.models import Skill
from practice.seed_data import seed_format

ANCHORS = (1, 3, 5)


class SkillAdmin(CatalogAdmin):
    form = SkillForm
    file_name = "skills.json"
    list_display = ("shown_name", "category", "drafts_and_published", "saved")
    list_filter = ("category", BinFilter)
    search_fields = ("name", "category", "description", "rubric", "external_id")
    search_help_text = gettext_lazy("Name, category, description, rubric or external id")
    ordering = ("category", "name")
    fieldsets = (
        (gettext_lazy("The skill"), {"fields": ("name", "category", "description")}),
        (gettext_lazy("What 1, 3 and 5 sound like"), {"fields": ("rubric",)}),
        (gettext_lazy("What we look for"), {"fields": ("behaviours",)}),
        (gettext_lazy("Use and keys"), {"fields": ("used_in", "external_id", "opened_version")}),
    )
    readonly_fields = ("used_in",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Skill]:
        in_use = Q(scenarios__deleted_at=None)
        published = Q(scenarios__status=ScenarioStatus.PUBLISHED)
        return (
            super()
            .get_queryset(request)
            .annotate(
                published_count=Count("scenarios", filter=in_use & published, distinct=True),
                draft_count=Count("scenarios", filter=in_use & ~published, distinct=True),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Skill | None = None) -> Any:
        return (*self.readonly_fields, "external_id") if obj else self.readonly_fields

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def shown_name(self, skill: Skill) -> str:
        return format_html("{} {}", skill.name, bin_badge(skill)) if skill.deleted_at else skill.name

    @admin.display(description=gettext_lazy("used in"), ordering="published_count")
    def drafts_and_published(self, skill: Any) -> str:
        parts = []
        if skill.published_count:
            parts.append(_("%d published") % skill.published_count)
        if skill.draft_count:
            parts.append(_("%d in draft") % skill.draft_count)
        return ", ".join(parts) or "–"

    @admin.display(description=gettext_lazy("used in"))
    def used_in(self, skill: Skill) -> str:
        scenarios = [] if skill._state.adding else list(skill.scenarios.filter(deleted_at=None).order_by("title"))
        if not scenarios:
            return _("No scenario yet.")
        rows = (
            (f"/admin/practice/scenario/{scenario.pk}/change/", scenario.title, scenario.get_status_display())
            for scenario in scenarios
        )
        return format_html('<ul class="plain">{}</ul>', format_html_join("", '<li><a href="{}">{}</a> ({})</li>', rows))

    def save_model(self, request: HttpRequest, obj: Skill, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        missing = [str(rating) for rating in ANCHORS if rating not in rubric.parse(obj.rubric).anchors]
        if missing:
            words = _("Saved, but the rubric has no line for %(ratings)s: a line each for 1:, 3: and 5: scores best.")
            self.message_user(request, words % {"ratings": ", ".join(missing)}, messages.WARNING)

    def record(self, row: Skill) -> dict[str, Any]:
        return seed_format.skill_record(row)

"""Scenarios in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from practice.admin import voice_form
from practice.admin.base import BinFilter, CatalogAdmin, View, bin_badge
from practice.admin.forms import PUBLISH, UNPUBLISH, ScenarioForm
from practice.admin.importing import import_view
from practice.admin.skills_form import ArrangedSkills
from practice.catalog import completeness, curation, voices
from practice.lifecycle import ScenarioStatus
from practice.models import PracticeSession, Scenario, ScenarioSkill, Skill
from practice.portraits.address import address
from practice.seed_data import seed_format
from practice.views.catalog import told


class SkillFilter(admin.SimpleListFilter):
    title = gettext_lazy("skill")
    parameter_name = "skill"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(
            Skill.objects.filter(deleted_at=None, scenarios__isnull=False)
            .distinct()
            .order_by("name")
            .values_list("pk", "name")
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Scenario]) -> QuerySet[Scenario]:
        return queryset.filter(skills=self.value()) if self.value() else queryset


class SkillRows(admin.TabularInline):
    """The skills to be rated, in the order in which the trainee sees them."""

    model = ScenarioSkill
    formset = ArrangedSkills
    fields = ("position", "skill")
    autocomplete_fields = ("skill",)
    ordering = ("position", "id")
    verbose_name = gettext_lazy("skill")
    verbose_name_plural = gettext_lazy("Skills to be rated, the most important first")
    outline_name = gettext_lazy("Skills")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.base_fields["skill"].label = _("skill")
        widget: Any = formset.form.base_fields["skill"].widget
        # Skills are written on pages of their own, not in a pop-up of this one.
        widget.can_add_related = widget.can_change_related = widget.can_delete_related = False
        return formset

    def get_extra(self, request: HttpRequest, obj: Scenario | None = None, **kwargs: Any) -> int:
        return 1 if obj and obj.scenarioskill_set.exists() else 3


class ScenarioAdmin(CatalogAdmin):
    form = ScenarioForm
    inlines = (SkillRows,)
    file_name = "scenarios.json"
    list_display = (
        "shown_title",
        "category",
        "language",
        "state",
        "practised",
        "saved",
    )
    list_filter = ("status", "category", "language", SkillFilter, BinFilter)
    search_fields = ("title", "objective", "description", "ai_persona_name", "external_id")
    search_help_text = gettext_lazy("Title, objective, description, the other person’s name or external id")
    ordering = ("category", "title")
    actions = ("publish_all", "unpublish_all", "delete_all", "restore_all", "export_all")
    fieldsets = (
        (
            gettext_lazy("The situation"),
            {"fields": ("title", ("category", "language"), "description", "objective", "hard_part")},
        ),
        (
            gettext_lazy("The other person, played by the AI"),
            {
                "fields": (
                    ("ai_persona_name", "ai_persona_role"),
                    "ai_persona_background",
                    "prompt",
                    "ai_persona_portrait",
                    "ai_persona_voice",
                ),
                "description": gettext_lazy(
                    "This and the situation above is all that the AI is told. Do not write what the trainee is after."
                ),
            },
        ),
        (
            gettext_lazy("The trainee"),
            {"fields": (("trainee_persona_name", "trainee_persona_role"), "trainee_persona_background")},
        ),
        (
            gettext_lazy("How it ends"),
            {"fields": ("end_criteria", ("idle_limit_seconds", "duration_limit_seconds"))},
        ),
        (
            gettext_lazy("How they are played"),
            {
                "fields": ("ai_persona_brief",),
                "description": gettext_lazy(
                    "What they say unasked, what they say only when asked the right way, what hurts, and when they "
                    "leave: 8 to 14 reactions, with at least two doors that open late and a way to lose. Left empty, "
                    "the AI plays from the background alone. Trainees never see it before the talk; afterwards the "
                    "feedback may show its hints."
                ),
            },
        ),
        (gettext_lazy("Key for imports"), {"fields": ("external_id", "opened_version"), "classes": ("keys",)}),
    )

    class Media:
        js = ("desk/skill-order.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scenario]:
        sessions = PracticeSession.objects.filter(scenario=OuterRef("pk")).order_by().values("scenario")
        count = Coalesce(Subquery(sessions.annotate(count=Count("pk")).values("count")), 0)
        rows = super().get_queryset(request).annotate(session_count=count)
        return rows.prefetch_related("scenarioskill_set__skill")

    def get_readonly_fields(self, request: HttpRequest, obj: Scenario | None = None) -> Any:
        return (*self.readonly_fields, "external_id") if obj else self.readonly_fields

    def own_views(self) -> list[tuple[str, str, View]]:
        return [
            ("portrait/", "portrait", self.portrait_view),
            ("voice-sample/", "voice_sample", require_POST(self.voice_sample_view)),
            ("import/", "import", self.import_view),
            ("<path:object_id>/preview/", "preview", self.preview_view),
            *super().own_views(),
        ]

    # The list

    @admin.display(description=gettext_lazy("title"), ordering="title")
    def shown_title(self, scenario: Scenario) -> str:
        badge = bin_badge(scenario) if scenario.deleted_at else ""
        minutes = f"{scenario.duration_limit_seconds / 60:.2g}"
        who = _("%(name)s · %(minutes)s min") % {"name": scenario.ai_persona_name or "?", "minutes": minutes}
        return format_html('{} {}<br><span class="quiet">{}</span>', scenario.title, badge, who)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, scenario: Scenario) -> str:
        lacks = completeness.missing(scenario)
        badge = format_html('<span class="badge badge-{}">{}</span>', scenario.status, scenario.get_status_display())
        if not lacks:
            return badge
        words = ngettext("%d thing missing", "%d things missing", len(lacks)) % len(lacks)
        title = " ".join(str(lack.message) for lack in lacks)
        return format_html('{} <span class="lacks" title="{}">{}</span>', badge, title, words)

    @admin.display(description=gettext_lazy("sessions"), ordering="session_count")
    def practised(self, scenario: Any) -> str:
        count = int(scenario.session_count)
        words = ngettext("%d session", "%d sessions", count) % count
        return format_html('<span class="column-word">{}</span><span class="phone-word">{}</span>', count, words)

    @admin.action(description=gettext_lazy("Publish"), permissions=["change"])
    def publish_all(self, request: HttpRequest, queryset: QuerySet[Scenario]) -> None:
        self.each(request, queryset, curation.publish, _("Published: %s."))

    @admin.action(description=gettext_lazy("Unpublish"), permissions=["change"])
    def unpublish_all(self, request: HttpRequest, queryset: QuerySet[Scenario]) -> None:
        self.each(request, queryset, curation.unpublish, _("Unpublished: %s."))

    # The form

    def save_model(self, request: HttpRequest, obj: Scenario, form: Any, change: bool) -> None:
        obj.status = ScenarioStatus.PUBLISHED if form.will_be_published else ScenarioStatus.DRAFT
        super().save_model(request, obj, form, change)
        for words in _about_the_voice(obj):
            self.message_user(request, words, messages.WARNING)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        skills = formset.chosen()
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        curation.arrange_skills(form.instance, skills)

    def response_add(self, request: HttpRequest, obj: Scenario, post_url_continue: Any = None) -> HttpResponse:
        return self._after_publishing(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Scenario) -> HttpResponse:
        return self._after_publishing(request, obj) or super().response_change(request, obj)

    def _after_publishing(self, request: HttpRequest, obj: Scenario) -> HttpResponse | None:
        if PUBLISH in request.POST:
            link = format_html('<a href="/scenarios/{}/">{}</a>', obj.pk, _("See it as trainees do"))
            words = format_html("{} {}.", _("“%s” is saved and published.") % obj, link)
        elif UNPUBLISH in request.POST:
            words = format_html("{}", _("“%s” is saved as a draft; trainees no longer see it.") % obj)
        else:
            return None
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(self.url_of("change", obj.pk))

    # Additional pages

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The scenario as the trainee's page shows it, as it was last saved, published or not."""
        scenario = self.found(request, object_id)
        context = {
            **told(scenario),
            "lacks": completeness.missing(scenario),
            "back": self.url_of("change", scenario.pk),
        }
        return TemplateResponse(request, "admin/desk/preview.html", context)

    def portrait_view(self, request: HttpRequest) -> HttpResponse:
        """Redirect to the picture of the look that the query describes."""
        found = address(request.GET)
        if not found:
            raise Http404
        return HttpResponseRedirect(found)

    def voice_sample_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return voice_form.sample(request)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        return import_view(self, request)

    def record(self, row: Scenario) -> dict[str, Any]:
        return seed_format.scenario_record(row)


def _about_the_voice(scenario: Scenario) -> list[str]:
    """Warnings about likely mistakes: two people who sound alike, a voice that does not fit the picture."""
    told = []
    if others := voices.alike(scenario):
        titles = ", ".join(f"“{other.title}”" for other in others)
        told.append(
            _("%(name)s sounds like the person in %(titles)s: both have the voice %(voice)s.")
            % {"name": scenario.ai_persona_name, "titles": titles, "voice": scenario.ai_persona_voice}
        )
    if voices.unfitting(scenario.ai_persona_voice, scenario.ai_persona_portrait):
        told.append(
            _("The voice %(voice)s may not fit the portrait of %(name)s.")
            % {"name": scenario.ai_persona_name, "voice": scenario.ai_persona_voice}
        )
    return told

"""Skills and scenarios, written by curators."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from coach.ids import new_id
from practice.lifecycle import Language, ScenarioStatus
from practice.portraits.address import address

LIMIT_SECONDS_MAX = 900
HARD_PART_CHARACTERS_MAX = 90


class Skill(models.Model):
    """Something a conversation is rated on. `rubric` has a line for each anchor: `1: …`, `3: …`, `5: …`."""

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    external_id = models.CharField(_("external id"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    category = models.CharField(_("category"), max_length=80)
    rubric = models.TextField(_("rubric"))
    # A list of `behaviours.StoredBehaviour`; empty: rated by the rubric alone.
    behaviours = models.JSONField(_("behaviours"), default=list, blank=True)
    description = models.TextField(_("description"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["category", "name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(deleted_at=None), name="skill_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Scenario(models.Model):
    """A conversation to rehearse. The AI gets personas and description; it never gets objective and end criteria.

    Trainees never see `ai_persona_brief` (see `practice.persona.brief.role_brief`) and the voice, and the portrait's
    data only as a picture (see `practice.portraits`). `hard_part` says in the catalogue what is hard about it.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    external_id = models.CharField(_("external id"), max_length=80, unique=True)
    category = models.CharField(_("category"), max_length=80)
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    objective = models.TextField(_("objective"), blank=True)
    hard_part = models.CharField(_("what is hard about it"), max_length=HARD_PART_CHARACTERS_MAX, blank=True)
    ai_persona_name = models.CharField(_("name"), max_length=80, blank=True)
    ai_persona_role = models.CharField(_("role"), max_length=160, blank=True)
    ai_persona_background = models.TextField(_("background"), blank=True)
    ai_persona_voice = models.CharField(_("voice"), max_length=80, blank=True)
    ai_persona_portrait = models.JSONField(_("portrait"), default=dict, blank=True)
    ai_persona_brief = models.JSONField(_("role brief"), null=True, blank=True)
    trainee_persona_name = models.CharField(_("name"), max_length=80, blank=True)
    trainee_persona_role = models.CharField(_("role"), max_length=160, blank=True)
    trainee_persona_background = models.TextField(_("background"), blank=True)
    end_criteria = models.JSONField(_("end criteria"), default=list, blank=True)
    skills: "models.ManyToManyField[Skill, ScenarioSkill]" = models.ManyToManyField(
        Skill, through="ScenarioSkill", related_name="scenarios"
    )
    idle_limit_seconds = models.PositiveIntegerField(
        _("idle limit (seconds)"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(LIMIT_SECONDS_MAX)],
    )
    duration_limit_seconds = models.PositiveIntegerField(
        _("duration limit (seconds)"),
        default=300,
        validators=[MinValueValidator(1), MaxValueValidator(LIMIT_SECONDS_MAX)],
    )
    prompt = models.TextField(_("opening instruction"), blank=True)
    language = models.CharField(_("language"), max_length=8, choices=Language.choices, default=Language.ENGLISH)
    status = models.CharField(_("status"), max_length=16, choices=ScenarioStatus.choices, default=ScenarioStatus.DRAFT)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        ordering = ["category", "title"]
        constraints = [
            models.UniqueConstraint(fields=["title"], condition=Q(deleted_at=None), name="scenario_title_unique"),
            models.CheckConstraint(
                condition=Q(idle_limit_seconds__gte=1, idle_limit_seconds__lte=LIMIT_SECONDS_MAX),
                name="scenario_idle_limit_in_range",
            ),
            models.CheckConstraint(
                condition=Q(duration_limit_seconds__gte=1, duration_limit_seconds__lte=LIMIT_SECONDS_MAX),
                name="scenario_duration_limit_in_range",
            ),
            models.CheckConstraint(condition=Q(status__in=ScenarioStatus.values), name="scenario_status_known"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="scenario_language_known"),
        ]
        indexes = [models.Index(fields=["status", "category", "title"], condition=Q(deleted_at=None), name="shelf")]

    def __str__(self) -> str:
        return self.title

    @property
    def ai_persona(self) -> dict[str, str]:
        return _persona(self, "ai")

    @property
    def trainee_persona(self) -> dict[str, str]:
        return _persona(self, "trainee")

    @property
    def portrait(self) -> str:
        """The URL of the other person's portrait; empty if only their initial is shown."""
        return address(self.ai_persona_portrait)

    def ordered_skills(self) -> list[Skill]:
        """The skills in the curator's order; one query, or none if `scenarioskill_set__skill` is prefetched."""
        return [link.skill for link in self.scenarioskill_set.all()]

    def skill_behaviours(self) -> dict[str, Any]:
        """Behaviours with their example lines, by skill id, for skills that are not deleted."""
        return {skill.pk: skill.behaviours for skill in self.ordered_skills() if skill.deleted_at is None}


class ScenarioSkill(models.Model):
    """A skill at its place in a scenario."""

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE)
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "skill"], name="skill_once_per_scenario"),
        ]

    def __str__(self) -> str:
        return f"{self.scenario_id}/{self.skill_id}"


def _persona(scenario: Scenario, whose: str) -> dict[str, Any]:
    return {field: getattr(scenario, f"{whose}_persona_{field}") for field in ("name", "role", "background")}

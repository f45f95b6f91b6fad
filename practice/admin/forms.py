"""The admin forms. They normalise text as the importer does, refuse stale edits and keep published records complete."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practice.admin import behaviour_form, brief_form, teaching
from practice.admin.behaviour_form import BehavioursField
from practice.admin.brief_form import OMITTED, RoleBriefField
from practice.admin.portrait_form import PortraitField
from practice.admin.voice_form import VoiceWidget
from practice.catalog import availability, change_history, completeness
from practice.catalog.curation import new_key
from practice.lifecycle import ScenarioStatus
from practice.models import Scenario, Skill
from practice.seed_data.seed_fields import TEXT_CHARACTERS_MAX, clean
from practice.seed_data.seed_format import CRITERION_CHARACTERS_MAX, LIST_MAX

NAMED_MAX = 3
PUBLISH = "_publish"
UNPUBLISH = "_unpublish"


class Criteria(forms.CharField):
    """A list of sentences, one on each line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [kept for line in clean(value or "").split("\n") if (kept := clean(line))]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(value) > LIST_MAX:
            raise ValidationError(_("At most %(max)d sentences, please.") % {"max": LIST_MAX})
        if any(len(line) > CRITERION_CHARACTERS_MAX for line in value):
            raise ValidationError(_("At most %(max)d characters a line, please.") % {"max": CRITERION_CHARACTERS_MAX})

    def run_validators(self, value: Any) -> None:
        """None: the validators are for text."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(self.prepare_value(initial)) != self.to_python(data))


class Suggesting(forms.TextInput):
    """A text input that suggests the values used so far."""

    suggestions: Sequence[str] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        key = f"{name}-suggestions"
        field = super().render(name, value, {**(attrs or {}), "list": key, "autocomplete": "off"}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((text,) for text in self.suggestions))
        return format_html('{}<datalist id="{}">{}</datalist>', field, key, options)


class CatalogForm(forms.ModelForm):
    """Shared by the forms of skills and scenarios."""

    opened_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name_field = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_version"].initial = None if self.instance._state.adding else self.instance.version
        if "external_id" in self.fields:
            self.fields["external_id"].required = False
        if "category" in self.fields:
            used = type(self.instance).objects.filter(deleted_at=None).values_list("category", flat=True)
            self.fields["category"].widget.suggestions = sorted(set(used))  # type: ignore[attr-defined]
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea) and not isinstance(field, Criteria):
                field.max_length = TEXT_CHARACTERS_MAX  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, value in list(data.items()):
            if isinstance(value, str):
                data[name] = clean(value)
                if len(value) > TEXT_CHARACTERS_MAX:
                    self.add_error(name, _("At most %(max)d characters, please.") % {"max": TEXT_CHARACTERS_MAX})
        self._refuse_a_taken_name(data.get(self.name_field, ""))
        if self.instance._state.adding:
            if not data.get("external_id") and data.get(self.name_field):
                data["external_id"] = new_key(type(self.instance), data[self.name_field])
        else:
            self._refuse_a_stale_edit(data.get("opened_version"))
        return data

    def _refuse_a_taken_name(self, name: str) -> None:
        others = type(self.instance).objects.filter(**{self.name_field: name}, deleted_at=None)
        if name and others.exclude(pk=self.instance.pk).exists():
            self.add_error(self.name_field, _("Another one has this name already."))

    def _refuse_a_stale_edit(self, opened: int | None) -> None:
        stored = type(self.instance).objects.select_for_update().get(pk=self.instance.pk)
        if opened == stored.version:
            return
        words = _("You opened version %(opened)s, but version %(stored)s has been saved since.") % {
            "opened": opened if opened is not None else "?",
            "stored": stored.version,
        }
        for event in reversed(change_history.since(stored, opened or 0)):
            words += " " + _("Version %(version)s: %(who)s, %(when)s (%(what)s).") % {
                "version": event.version,
                "who": event.by or _("a program"),
                "when": formats.date_format(timezone.localtime(event.at), "SHORT_DATETIME_FORMAT"),
                "what": ", ".join(line.name for line in event.lines) or event.did,
            }
        words += " " + _(
            "Nothing of yours was saved; it is still below. Open this page once more in another tab, "
            "carry over what you want to keep and save it there."
        )
        self.add_error(None, ValidationError(words, code="stale"))


def _some(names: Sequence[str]) -> str:
    """The first of `names`, and how many more there are."""
    named, rest = ", ".join(names[:NAMED_MAX]), len(names) - NAMED_MAX
    return _("%(names)s and %(number)s more") % {"names": named, "number": rest} if rest > 0 else named


class SkillForm(CatalogForm):
    name_field = "name"
    behaviours = BehavioursField(label=gettext_lazy("Behaviours"), required=False)

    class Meta:
        model = Skill
        fields = ("name", "category", "description", "rubric", "behaviours", "external_id")
        widgets = {
            "category": Suggesting(attrs={"class": "vTextField"}),
            "description": forms.Textarea(attrs={"rows": 3}),
            "rubric": forms.Textarea(attrs={"rows": 9}),
        }
        help_texts = teaching.SKILL

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.used_by = [] if self.instance._state.adding else availability.published_with(self.instance)
        if self.used_by and "rubric" in self.fields:
            field = self.fields["rubric"]
            field.disabled = True
            field.help_text = _(
                "Read-only, because published scenarios are scored with it: %(scenarios)s. Duplicate this skill to "
                "write another rubric."
            ) % {"scenarios": _some([f"“{scenario.title}”" for scenario in self.used_by])}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("behaviours") is behaviour_form.OMITTED:
            data["behaviours"] = self.instance.behaviours
        sent = self.data.get(self.add_prefix("rubric"))
        # The page was opened while the rubric could still be edited: do not silently drop the edit.
        if self.used_by and sent is not None and clean(sent) != clean(self.instance.rubric):
            self.add_error("rubric", _("A published scenario now uses this rubric, so it stays as it is."))
        return data


IDLE_LIMIT_SECONDS = 25
"""What the form of a new scenario begins with: a nervous person needs 20 to 45 s to begin an answer.

A seed file that leaves the field out means the protocol's 8 s."""

TEXTAREA_ROWS = {
    "description": 10,
    "objective": 3,
    "ai_persona_background": 5,
    "trainee_persona_background": 3,
    "prompt": 3,
}


def will_be_published(data: Mapping[str, Any], scenario: Scenario) -> bool:
    """Whether the scenario will be published after saving, depending on the button pressed."""
    if UNPUBLISH in data:
        return False
    return PUBLISH in data or scenario.status == ScenarioStatus.PUBLISHED


class ScenarioForm(CatalogForm):
    name_field = "title"
    end_criteria = Criteria(
        label=gettext_lazy("End criteria"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=teaching.SCENARIO["end_criteria"],
    )

    ai_persona_brief = RoleBriefField(label=gettext_lazy("Role brief"), required=False)

    ai_persona_portrait = PortraitField(
        label=gettext_lazy("Portrait"), required=False, help_text=teaching.SCENARIO["ai_persona_portrait"]
    )

    class Meta:
        model = Scenario
        fields = (
            "title",
            "category",
            "language",
            "description",
            "objective",
            "hard_part",
            "ai_persona_name",
            "ai_persona_role",
            "ai_persona_background",
            "ai_persona_portrait",
            "ai_persona_voice",
            "ai_persona_brief",
            "trainee_persona_name",
            "trainee_persona_role",
            "trainee_persona_background",
            "end_criteria",
            "prompt",
            "idle_limit_seconds",
            "duration_limit_seconds",
            "external_id",
        )
        widgets = {name: forms.Textarea(attrs={"rows": rows}) for name, rows in TEXTAREA_ROWS.items()} | {
            "category": Suggesting(attrs={"class": "vTextField"}),
            "ai_persona_voice": VoiceWidget,
        }
        help_texts = teaching.SCENARIO
        labels = dict.fromkeys(("ai_persona_name", "trainee_persona_name"), gettext_lazy("Name in the story"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and "idle_limit_seconds" in self.fields:
            self.initial.setdefault("idle_limit_seconds", IDLE_LIMIT_SECONDS)
        if not self.instance._state.adding and "ai_persona_voice" in self.fields:
            voice: Any = self.fields["ai_persona_voice"].widget
            voice.scenario = self.instance.pk

    @property
    def will_be_published(self) -> bool:
        return will_be_published(self.data, self.instance)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "ai_persona_brief" in self.fields:
            self._check_brief(data)
        if data.get("ai_persona_portrait", ...) is None:
            data["ai_persona_portrait"] = self.instance.ai_persona_portrait
        return data

    def _check_brief(self, data: dict[str, Any]) -> None:
        raw = data.get("ai_persona_brief")
        if raw is OMITTED:
            raw = self.instance.ai_persona_brief
        data["ai_persona_brief"], faults = brief_form.checked(raw, data.get("end_criteria") or [])
        if faults:
            widget: Any = self.fields["ai_persona_brief"].widget
            widget.faults = faults
            self.add_error("ai_persona_brief", brief_form.summary(faults))

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.will_be_published:
            return
        for problem in completeness.missing(self.instance, skills=[]):
            if problem.field != "skills":  # checked by the rows below
                name = completeness.ATTRIBUTES[problem.field]
                if name not in self.errors:
                    self.add_error(name, str(problem.message))

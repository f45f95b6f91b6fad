"""The skills on a scenario's form: rows in an order, complete before the scenario can be published."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _

from practice.admin.forms import will_be_published
from practice.catalog import completeness
from practice.models import Skill
from practice.seed_data.seed_format import LIST_MAX


class ArrangedSkills(BaseInlineFormSet):
    """The skills of a scenario, in the order of their positions; rows without one come last."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Labels every field: screen readers read one field at a time and miss the labels in the table's head."""
        super().add_fields(form, index)
        form.fields["position"].widget.attrs |= {"data-up": _("Move up"), "data-down": _("Move down")}
        for name, words in (("position", _("Position")), ("skill", _("Skill")), ("DELETE", _("Remove this skill"))):
            if name in form.fields:
                widget = form.fields[name].widget
                getattr(widget, "widget", widget).attrs["aria-label"] = words  # the admin wraps widgets of relations

    def chosen(self) -> list[Skill]:
        """The skills in order, without rows marked for removal."""
        rows = [
            (form.cleaned_data.get("position") or 0, number, form.cleaned_data["skill"])
            for number, form in enumerate(self.forms)
            if form.is_valid() and form.cleaned_data.get("skill") and not form.cleaned_data.get("DELETE")
        ]
        rows.sort(key=lambda row: (row[0] or LIST_MAX * 10, row[1]))
        return [skill for _position, _number, skill in rows]

    def clean(self) -> None:
        super().clean()
        if not will_be_published(self.data, self.instance):
            return
        lacks = completeness.missing(self.instance, skills=self.chosen())
        problems = [str(lack.message) for lack in lacks if lack.field == "skills"]
        if problems:
            raise ValidationError(problems)

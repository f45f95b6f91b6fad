"""Permissions on the admin's forms: a row per thing and a column per deed, not two lists of sentences as in Django."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

DEEDS = {"view": _("View"), "add": _("Add"), "change": _("Change"), "delete": _("Delete")}
# Models whose own name says too little here.
THINGS = {
    "practice.scenario": _("Scenarios"),
    "practice.skill": _("Skills"),
    "practice.scenarioskill": _("Skills of a scenario"),
    "practice.practicesession": _("Practice sessions"),
    "practice.turn": _("Transcripts"),
    "evaluations.evaluation": _("Feedback"),
    "history.visit": _("Visits to sessions"),
    "history.erasure": _("Operations and erasures"),
    "auditlog.logentry": _("Changes to scenarios and skills"),
    "auth.user": _("Users"),
    "auth.group": _("Groups"),
}
OTHERS = {"manage_operations": _("Retry and give up jobs, and erase what is due")}
GROUPS = {
    "Curators": _("Write scenarios and skills, read sessions and answer what trainees see differently."),
    "Operators": _("See how the system runs, retry jobs and erase sessions."),
}


class PermissionsWidget(forms.CheckboxSelectMultiple):
    """A table of checkboxes. What no page of the admin shows is named only where a permission for it is given."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = {str(each) for each in value or ()}
        rows: dict[str, dict[str, Any]] = {}
        choices: Any = self.choices
        for permission in choices.queryset:
            kind, (verb, *_rest) = permission.content_type, permission.codename.split("_")
            row = rows.setdefault(_label(kind), {"thing": _thing(kind), "deeds": dict.fromkeys(DEEDS), "others": []})
            box = {"id": permission.pk, "chosen": str(permission.pk) in chosen}
            if verb in DEEDS and permission.codename == f"{verb}_{kind.model}":
                row["deeds"][verb] = box
            else:
                row["others"].append({**box, "words": OTHERS.get(permission.codename, permission.name)})
        for row in rows.values():
            row["cells"] = [(words, row["deeds"][verb]) for verb, words in DEEDS.items()]
        main = [rows.pop(label) for label in THINGS if label in rows]
        rest = [
            row
            for row in rows.values()
            if any(box["chosen"] for box in (*row["deeds"].values(), *row["others"]) if box)
        ]
        context = {"name": name, "deeds": DEEDS.values(), "main": main, "rest": rest}
        return render_to_string("admin/accounts/permissions.html", context)


class GroupsWidget(forms.CheckboxSelectMultiple):
    """A checkbox per group, with a line on what its members may do."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = {str(each) for each in value or ()}
        choices: Any = self.choices
        groups = choices.queryset.prefetch_related("permissions__content_type")
        rows = [{"group": group, "words": describe(group), "chosen": str(group.pk) in chosen} for group in groups]
        return render_to_string("admin/accounts/groups.html", {"name": name, "rows": rows})


def describe(group: Group) -> str:
    """What the members of `group` may do, in a sentence; for groups made here, what their permissions are about."""
    if group.name in GROUPS:
        return str(GROUPS[group.name])
    things = dict.fromkeys(_thing(each.content_type) for each in group.permissions.all())
    return ", ".join(things) or str(_("Nothing yet"))


def _label(kind: ContentType) -> str:
    return f"{kind.app_label}.{kind.model}"


def _thing(kind: ContentType) -> str:
    model = kind.model_class()
    own = model._meta.verbose_name_plural if model else kind.model
    return str(THINGS.get(_label(kind)) or capfirst(str(own)))


def permissions_with_types() -> QuerySet[Permission]:
    """Every permission with its content type, in one query."""
    return Permission.objects.select_related("content_type").order_by("content_type", "pk")

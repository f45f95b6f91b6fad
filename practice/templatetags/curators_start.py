"""The curator's start page in the admin."""

from typing import Any

from django import template
from django.template import Context

from practice.catalog import completeness, voices
from practice.lifecycle import ScenarioStatus
from practice.models import Scenario

register = template.Library()

SHOWN_MAX = 6


@register.inclusion_tag("admin/desk/start.html", takes_context=True)
def curators_start(context: Context) -> dict[str, Any]:
    """How many scenarios there are, and those that need attention: incomplete drafts, voices that clash."""
    user = context["request"].user
    if not user.has_perm("practice.view_scenario"):
        return {"allowed": False}
    rows = list(Scenario.objects.filter(deleted_at=None).prefetch_related("scenarioskill_set__skill"))
    lacking = [(row, lacks) for row in rows if (lacks := completeness.missing(row))]
    return {
        "allowed": True,
        "may_add": user.has_perm("practice.add_scenario"),
        "published": sum(row.status == ScenarioStatus.PUBLISHED and not completeness.missing(row) for row in rows),
        "drafts": sum(row.status == ScenarioStatus.DRAFT for row in rows),
        "lacking": lacking[:SHOWN_MAX],
        "more": max(0, len(lacking) - SHOWN_MAX),
        "alike": [row for row in rows if row.status == ScenarioStatus.PUBLISHED and voices.alike(row)][:SHOWN_MAX],
    }

"""The reviewer's part of the admin's home page."""

from typing import Any

from django import template
from django.template import Context

from evaluations.own_view.disputes import waiting
from history.admin.disputes import may_answer

register = template.Library()


@register.inclusion_tag("admin/desk/review.html", takes_context=True)
def reviewers_start(context: Context) -> dict[str, Any]:
    """The number of sessions with a dispute that nobody has answered; None for those who may not answer one."""
    if not may_answer(context["request"].user):
        return {"sessions": None}
    return {"sessions": waiting().values("evaluation").distinct().count()}

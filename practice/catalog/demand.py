"""How demanding a scenario is, computed from its role brief. Independent of the database."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _

from practice.catalog import end_criteria
from practice.persona.trust import TRUST_MIN


class Demand(IntegerChoices):
    """Shown to people; independent of the trainee's choice of difficulty (`lifecycle.Difficulty`)."""

    LIGHT = 1, _("Easier")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("Harder")


LIGHT_STEPS_MAX, MEDIUM_STEPS_MAX = 3, 4


def demand(brief: Mapping[str, Any] | None, criteria: Sequence[str]) -> Demand | None:
    """From the fewest steps to every wanted ending. None without a brief.

    A step is a reaction that must happen, or a point of trust to gain.
    """
    if not brief:
        return None
    reactions = {one["key"]: one for one in brief.get("reactions", [])}
    needed: set[str] = set()
    for number in end_criteria.wanted(criteria):
        ways = [_before(key, reactions) for key, one in reactions.items() if number in one.get("meets", [])]
        needed |= min(ways, key=len, default=set())
    if not needed:
        return None
    trust = max(reactions[key].get("needs", {}).get("trust", TRUST_MIN) for key in needed)
    steps = len(needed) + max(0, trust - brief.get("trust", 0))
    if steps <= LIGHT_STEPS_MAX:
        return Demand.LIGHT
    return Demand.MEDIUM if steps <= MEDIUM_STEPS_MAX else Demand.HIGH


def _before(key: str, reactions: Mapping[str, Any]) -> set[str]:
    """The reaction and everything that must happen before it."""
    found, open_keys = set(), [key]
    while open_keys:
        if (one := open_keys.pop()) in reactions and one not in found:
            found.add(one)
            open_keys += reactions[one].get("needs", {}).get("after", [])
    return found

"""Reactions of a brief that cost, unlock and end nothing: a welcome, small talk, what asks for nothing yet. Pure."""

from collections.abc import Mapping

from practice.persona.brief.role_brief import RoleBrief

LIKENESS_LEAST = 0.44
"""Minimum likeness of a sentence to any reaction that it calls for."""
OF_NOTHING_LEAST = 0.36
"""The same where the sentence says nothing yet, and the reaction is to just that."""


def harmless_ones(brief: RoleBrief) -> set[str]:
    """Reactions that cost, unlock and end nothing."""
    ending = {key for one in brief.reactions if one.ends for key in one.needs.after}
    return {
        one.key
        for one in brief.reactions
        if not (one.trust or one.meets or one.ends or one.needs.trust is not None or one.needs.after)
        and one.key not in ending
    }


def has_own(brief: RoleBrief, likeness: Mapping[str, float]) -> bool:
    """Whether the nearest reaction is one that costs, opens and ends nothing, and near enough."""
    nearest = max(likeness, key=lambda key: likeness[key], default="")
    return nearest in harmless_ones(brief) and likeness[nearest] >= LIKENESS_LEAST


def of_nothing(brief: RoleBrief, likeness: Mapping[str, float]) -> str | None:
    """The brief's own reaction to talk that says nothing yet; what has no hint is about the persona's own life."""
    own = [key for key in harmless_ones(brief) if brief.reaction(key).hint]
    near = [key for key in own if likeness.get(key, -1.0) >= OF_NOTHING_LEAST]
    return max(near, key=lambda key: likeness[key], default=None)

"""Which reaction of a brief a sentence is most like, and how clearly. Pure."""

from collections.abc import Collection, Mapping

from practice.persona.brief.harmless_reactions import LIKENESS_LEAST
from practice.persona.brief.role_brief import Reaction, RoleBrief

SURELY = 0.6
"""How like common talk a sentence is at most counts against a reaction."""
CLAUSE_LIKENESS_LEAST = 0.56  # a clause is weaker evidence than a sentence
CONFIRMS = 0.25  # a reaction that follows another may be less alike by this much once the other has happened
FOLLOWS = 0.06  # the same if it does not end the talk
ASIDE_NEARER = 0.05  # common talk has to be nearer than the brief by this much
PART_NEARER = 0.08  # a clause this much nearer to another reaction than its sentence is to its own takes its place
CLEAR, APART = 0.52, 0.03  # less like a reaction than this, a sentence has to be so much nearer to it than to another


def called_for(
    brief: RoleBrief, likeness: Mapping[str, float], happened: Collection[str], unmeant: Collection[str]
) -> str:
    """The reaction most like the sentence, given what has happened.

    If a reaction that follows another is near, the other comes first until it has happened; afterwards the following
    one does: "You can count on it" is a promise the first time, and a firm promise when repeated.
    """
    ranked = sorted(likeness, key=lambda key: -likeness[key])
    first = brief.reaction(ranked[0])
    near = [key for key in ranked[1:] if likeness[key] >= likeness[first.key] - CONFIRMS]
    missing = [key for key in first.needs.after if key not in happened]
    if missing:
        least = likeness[first.key] - (CONFIRMS if first.ends else FOLLOWS)
        return next((key for key in missing if likeness[key] >= least), first.key)
    if first.key in happened:
        confirming = (
            key
            for key in near
            if key not in {*happened, *unmeant} and _follows(brief.reaction(key), first.key, likeness, happened)
        )
        return next(confirming, first.key)
    return first.key


def _follows(one: Reaction, key: str, likeness: Mapping[str, float], happened: Collection[str]) -> bool:
    """Whether it is the reaction after `key`, which was said again; for an ending the bar is lower."""
    return (
        key in one.needs.after
        and all(needed in happened for needed in one.needs.after)
        and (one.ends is not None or likeness[one.key] >= LIKENESS_LEAST)
    )


def is_trap(brief: RoleBrief, key: str) -> bool:
    """Whether it gains nothing and prepares an ending."""
    return brief.reaction(key).trust == 0 and any(one.ends and key in one.needs.after for one in brief.reactions)


def is_clear(brief: RoleBrief, likeness: Mapping[str, float]) -> bool:
    """Whether no other reaction is as near, in a sentence that is not very like any."""
    first, second = (*sorted(likeness, key=lambda key: -likeness[key])[:2], "")[:2]
    if not second or likeness[first] >= CLEAR or likeness[first] - likeness[second] >= APART:
        return True
    one, other = brief.reaction(first), brief.reaction(second)
    return first in other.needs.after or second in one.needs.after


def rival(brief: RoleBrief, likeness: Mapping[str, float], aside: float) -> float:
    """The minimum likeness to a reaction if the sentence resembles common talk by `aside`."""
    nearest = max(likeness, key=lambda key: likeness[key], default="")
    if nearest and brief.reaction(nearest).trust < 0:
        return aside
    return min(aside - ASIDE_NEARER, SURELY)


def nearer_to_another(likeness: Mapping[str, float], key: str, strength: float) -> bool:
    """Whether a clause clearly calls for another reaction than `key`, to which its sentence is like by `strength`."""
    nearest = max(likeness, key=lambda each: likeness[each])
    return nearest != key and likeness[nearest] >= max(CLAUSE_LIKENESS_LEAST, strength + PART_NEARER)

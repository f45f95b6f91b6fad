"""Finds the trainee's line that is most worth redoing."""

from collections.abc import Sequence
from itertools import pairwise

from evaluations.findings import next_step
from evaluations.findings.ratings import Answer
from evaluations.models import SkillScore
from practice.catalog.behaviours import BehaviourKind
from practice.lifecycle import Speaker
from practice.models import Turn


def of(scores: Sequence[SkillScore], turns: Sequence[Turn]) -> int | None:
    """Its sequence: a behaviour to avoid, else the greatest loss of trust, else the next step's line.

    The lowest ratings come first, skills without one last. None if no moment stands out.
    """
    ranked = sorted(scores, key=lambda score: next_step.urgency(score.rating))
    for score in ranked:
        for each in score.behaviours.all():
            if each.kind == BehaviourKind.AVOID and each.answer == Answer.SHOWN and each.sequence is not None:
                return each.sequence
    if (lost := _lost_trust(turns)) is not None:
        return lost
    steps = [(score.next_step or {}).get("sequence") for score in ranked]
    return next((sequence for sequence in steps if sequence is not None), None)


def _lost_trust(turns: Sequence[Turn]) -> int | None:
    """The trainee's line before the reply at which trust fell most; none if it never fell."""
    replies = [turn for turn in turns if turn.speaker == Speaker.AI and turn.role_state]
    falls = [
        (after.role_state["trust"] - before.role_state["trust"], after.sequence - 1)
        for before, after in pairwise(replies)
        if before.role_state and after.role_state
    ]
    worst = min(falls, default=(0, 0))
    return worst[1] if worst[0] < 0 else None

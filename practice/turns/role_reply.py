"""Chooses what a persona with a role brief says without a language model: brief, common talk, then a general line.

Pure. The player says it aloud, `scripts/bench/roleplay_offline` writes it down.
"""

from practice.turns import common_answers, locked_reactions, role
from practice.turns.recognition import Understood
from practice.turns.role import RoleAnswer
from practice.turns.role_state import RoleState
from practice.turns.role_storage import RolePart

SURE = 0.5
"""Minimum likeness to a locked reaction; below it the sentence counts as not recognised."""
SUMS_UP = frozenset({"closing", "opinion", "agreeing"})
"""Common talk that comes back to a proposal: "Deal?", "Would that work for you?", "Exactly." """


def reply(
    part: RolePart, heard: str, understood: Understood, *, before: str, last: str, own_words: bool = False
) -> tuple[RoleAnswer | None, RoleState]:
    """`before`: the trainee's previous turn; `last`: the persona's last line.

    None: a model answers in its own words. That happens if it is good enough (`own_words`) and the brief has no line,
    and once the talk is over.
    """
    locked = {one.key for one in locked_reactions.locked(part.brief, part.state)}
    called = [each.key for each in understood.reactions if each.likeness >= SURE or each.key not in locked]
    if not called and understood.aside in SUMS_UP:
        called = role.waiting(part.brief, part.state)
    answer, state = role.react(part.brief, part.state, called, sequence=part.sequence - 1)
    if answer is not None or state.ended or own_words:
        return answer, state
    common = common_answers.answer(part, state, heard, understood, before=before, last=last)
    return common or common_answers.unforeseen(part, state, heard)

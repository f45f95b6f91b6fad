"""What a persona with a role brief says next without a language model: brief, common talk, then what fits anything.

No input or output. The player says it aloud, `scripts/bench/roleplay_offline` writes it down.
"""

from practice.turns import common_answers, role
from practice.turns.recognition import Understood
from practice.turns.role import RoleAnswer
from practice.turns.role_state import RoleState
from practice.turns.role_storage import RolePart

SURE = 0.5
"""As like as this a sentence is to a reaction that is locked, else it is answered as if nothing was recognised."""


def reply(
    part: RolePart, heard: str, understood: Understood, *, before: str, last: str, own_words: bool = False
) -> tuple[RoleAnswer | None, RoleState]:
    """`before`: the trainee's turn before this one; `last`: the persona's last line.

    None: a model answers in words of its own. It does where it is worth it (`own_words`) and the brief has no line, and
    where the talk is over.
    """
    locked = {one.key for one in role.locked(part.brief, part.state)}
    called = [each.key for each in understood.reactions if each.likeness >= SURE or each.key not in locked]
    answer, state = role.react(part.brief, part.state, called, sequence=part.sequence - 1)
    if answer is not None or state.ended or own_words:
        return answer, state
    common = common_answers.answer(part, state, heard, understood, before=before, last=last)
    return common or common_answers.unforeseen(part, state, heard)

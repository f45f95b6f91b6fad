"""When the other person leaves: a loss of trust that uses it up ends the talk. Independent of the database."""

from collections.abc import Sequence

from practice.persona.brief.role_brief import TRUST_MIN, Reaction, RoleBrief, bounded
from practice.persona.rules.role_state import RoleState


def leaving(brief: RoleBrief, state: RoleState, losing: Sequence[Reaction]) -> Reaction | None:
    """The end of the talk, if this loss uses up the trust."""
    lost = sum(one.trust for one in losing)
    if not losing or bounded(state.trust + lost) > TRUST_MIN:
        return None
    happened = {*state.happened, *(one.key for one in losing)}
    return next((one for one in brief.reactions if one.by_trust and happened.issuperset(one.needs.after)), None)

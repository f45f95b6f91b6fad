"""When the other person leaves: a loss of trust that uses it up ends the talk. Independent of the database."""

from collections.abc import Sequence

from practice.persona.brief.role_brief import Reaction, RoleBrief
from practice.persona.rules.role_state import RoleState
from practice.persona.trust import TRUST_MIN, moved


def leaving(brief: RoleBrief, state: RoleState, losing: Sequence[Reaction]) -> Reaction | None:
    """The end of the talk, if this loss uses up the trust."""
    if not losing or moved(state.trust, losses=[one.trust for one in losing]) > TRUST_MIN:
        return None
    happened = {*state.happened, *(one.key for one in losing)}
    return next((one for one in brief.reactions if one.by_trust and happened.issuperset(one.needs.after)), None)

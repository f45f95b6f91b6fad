"""How the other person's trust moved, turn by turn, read from the states that were stored with the replies."""

from collections.abc import Sequence
from dataclasses import dataclass

from practice.models import PracticeSession, Turn
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.rules import role_storage
from practice.persona.rules.role_state import RoleState


@dataclass(frozen=True)
class TrustStep:
    """What one turn of the trainee did. `reactions`: the `when` of each; `met`: numbers of the end criteria."""

    sequence: int
    reactions: tuple[str, ...]
    change: int
    trust: int
    met: tuple[int, ...]


@dataclass(frozen=True)
class TrustCourse:
    """`ended`: whether the persona ended the talk."""

    start: int
    steps: Sequence[TrustStep]
    ended: bool


def course(session: PracticeSession, turns: Sequence[Turn]) -> TrustCourse | None:
    """None without a role brief. `turns`: those of the session in order; a turn without a reply has no state yet."""
    before = role_storage.before(session, 0)
    if before is None:
        return None
    brief = RoleBrief.model_validate(session.role_brief)
    whens = {one.key: one.when for one in brief.reactions}
    start, state, steps = before.trust, before, []
    for turn in turns:
        if turn.role_state is None or turn.sequence == 0:
            continue
        after, heard = RoleState.read(turn.role_state), turn.sequence - 1
        reactions = tuple(whens.get(key, key) for key, at in after.happened.items() if heard in at)
        met = tuple(sorted(number for number, at in after.met.items() if at == heard))
        steps.append(TrustStep(heard, reactions, after.trust - state.trust, after.trust, met))
        state = after
    return TrustCourse(start, steps, bool(state.ended))

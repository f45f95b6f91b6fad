"""A role brief played by a model with a key: the text model says which reactions happened, and code moves the state."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from coach.telemetry import metrics, names
from practice import endings
from practice.lifecycle import Speaker
from practice.models import Turn
from practice.role_brief import RoleBrief
from practice.turns import role, role_states
from practice.turns.reply_guard import gives_away
from practice.turns.role import RoleState

log = structlog.get_logger(__name__)


def move(turn: Turn, called: Sequence[str], *, succeeded: bool) -> RoleState | None:
    """Store the state after AI turn `turn`, to which the trainee's turn called for the reactions `called`.

    `succeeded`: the model found that the objective is reached, so every wanted criterion counts as met, and the verdict
    and the criteria stay one fact. None without a role brief. What the reply gave away unearned is counted.
    """
    before = role_states.before(turn.session, turn.sequence)
    if before is None:
        return None
    brief = RoleBrief.model_validate(turn.session.role_brief)
    state = before
    if not turn.content_refused:
        state = _moved(brief, before, called, turn.sequence - 1)
    if succeeded and not state.ended:
        wanted = endings.wanted(turn.session.brief["endCriteria"])
        state = replace(state, met={**dict.fromkeys(wanted, turn.sequence - 1), **state.met})
    Turn.objects.filter(pk=turn.pk).update(role_state=state.stored())
    _watch(turn, brief, before, state)
    return state


def _moved(brief: RoleBrief, state: RoleState, called: Sequence[str], sequence: int) -> RoleState:
    """Which lines a model spoke is its own affair: `said` stays, and all that was earned counts at once."""
    said, left = state.said, list(called)
    while left:
        _, moved = role.react(brief, state, left, sequence=sequence)
        fresh = [key for key in left if sequence in moved.happened.get(key, ())]
        state = replace(moved, said=said)
        # Only two lines are spoken word for word in one answer; what met a criterion beside them is taken up again.
        left = [
            key for key in left if key not in fresh and any(one.key == key and one.meets for one in brief.reactions)
        ]
        if not fresh or state.ended:
            break
    return state


def _watch(turn: Turn, brief: RoleBrief, before: RoleState, after: RoleState) -> None:
    """Count what the model told although neither this turn nor an earlier one had earned it."""
    locked = [one for one in role.locked(brief, after) if one in role.locked(brief, before)]
    answered = turn.session.turns.filter(sequence=turn.sequence - 1, speaker=Speaker.TRAINEE).first()
    heard = (answered.transcript if answered else None) or ""
    for one in locked:
        if any(gives_away(turn.transcript or "", line, heard) for line in one.says):
            metrics.count(names.PERSONA_UNEARNED)
            log.warning("a model told what was locked", sessionId=turn.session_id, turnId=turn.pk, reaction=one.key)

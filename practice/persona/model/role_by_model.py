"""Plays a role brief with a cloud model: the text model says which reactions happened, and code updates the state."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q

from coach.telemetry import metrics, names
from practice.catalog import end_criteria
from practice.lifecycle import Speaker
from practice.models import PracticeSession, Turn
from practice.persona.brief.locked_reactions import locked
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.model.reply_guard import gives_away
from practice.persona.rules import role_rules, role_storage
from practice.persona.rules.role_state import RoleState

log = structlog.get_logger(__name__)


def move(turn: Turn, called: Sequence[str], *, succeeded: bool) -> RoleState | None:
    """Store with AI turn `turn` what the trainee's turn called for, and the states after it and after later turns.

    Checks may finish in a different order from their turns, so each later state is computed again, from what its own
    turn called for. Returns the last of these states, so that everything known decides the end of the talk; None
    without a role brief. `succeeded`: the model found the objective reached, so every wanted criterion counts as met
    and the verdict agrees with the criteria. Locked lines that the reply gave away are counted.
    """
    session, brief = turn.session, turn.session.parsed_role_brief
    if brief is None:
        return None
    with transaction.atomic():
        if PracticeSession.objects.locked(session.pk) is None:
            return None
        before = state = role_storage.before(session, turn.sequence)
        after: RoleState | None = None
        later = session.turns.filter(Q(pk=turn.pk) | Q(sequence__gt=turn.sequence, role_state__isnull=False))
        later = later.filter(speaker=Speaker.AI).only("session", "sequence", "content_refused", "role_state")
        for each in later.order_by("sequence"):
            judged = {"called": list(called), "succeeded": succeeded} if each.pk == turn.pk else _judged(each)
            if state is not None:
                state = _after(each, brief, state, judged)
                Turn.objects.filter(pk=each.pk).update(role_state={**state.stored(), **judged})
            if each.pk == turn.pk:
                after = state
    if before is not None and after is not None:
        _watch(turn, brief, before, after)
    return state


def unheard(turn: Turn) -> dict[str, Any] | None:
    """What to store with AI turn `turn` if none of its words were heard: the state before it, and its check's result.

    None without a role brief. Call with the session locked.
    """
    before = role_storage.before(turn.session, turn.sequence)
    return {**before.stored(), **_judged(turn)} if before is not None else None


def _judged(turn: Turn) -> dict[str, Any]:
    """The result of an AI turn's check; empty if it has not been checked yet."""
    stored = turn.role_state or {}
    return {key: stored[key] for key in ("called", "succeeded") if key in stored}


def _after(turn: Turn, brief: RoleBrief, before: RoleState, judged: Mapping[str, Any]) -> RoleState:
    state = before
    if not turn.content_refused:
        state = _moved(brief, before, judged.get("called", ()), turn.sequence - 1)
    if judged.get("succeeded") and not state.ended:
        wanted = end_criteria.wanted(turn.session.brief["endCriteria"])
        state = replace(state, met={**dict.fromkeys(wanted, turn.sequence - 1), **state.met})
    return state


def _moved(brief: RoleBrief, state: RoleState, called: Sequence[str], sequence: int) -> RoleState:
    """Update the state without choosing lines (the model speaks its own): `said` stays, and all gains count at once.

    What was asked for too early counts only when it is asked for again: nothing makes the model return to it.
    """
    left = list(called)
    while left:
        _, moved = role_rules.react(brief, replace(state, refused=()), left, sequence=sequence)
        fresh = [key for key in left if sequence in moved.happened.get(key, ())]
        refused = dict.fromkeys([*state.refused, *moved.refused])
        state = replace(moved, said=state.said, refused=tuple(key for key in refused if key not in moved.happened))
        # At most two lines are spoken in one answer; other reactions that meet a criterion are handled in the next
        # round.
        left = [
            key for key in left if key not in fresh and any(one.key == key and one.meets for one in brief.reactions)
        ]
        if not fresh or state.ended:
            break
    return state


def _watch(turn: Turn, brief: RoleBrief, before: RoleState, after: RoleState) -> None:
    """Count locked lines that the model told although no turn had unlocked them."""
    locked_before = locked(brief, before)
    untold = [one for one in locked(brief, after) if one in locked_before]
    if not untold:
        return
    answered = turn.session.turns.filter(sequence=turn.sequence - 1, speaker=Speaker.TRAINEE)
    heard = answered.values_list("transcript", flat=True).first() or ""
    for one in untold:
        if any(gives_away(turn.transcript or "", line, heard) for line in one.says):
            metrics.count(names.PERSONA_UNEARNED)
            log.warning("a model told what was locked", sessionId=turn.session_id, turnId=turn.pk, reaction=one.key)

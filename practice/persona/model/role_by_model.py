"""Plays a role brief with a cloud model: the text model says which reactions happened, and code updates the state."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from coach.telemetry import metrics, names
from practice.catalog import end_criteria
from practice.lifecycle import ReplyStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.persona.brief.locked_reactions import locked
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.model.reply_guard import gives_away
from practice.persona.rules import role_rules, role_storage
from practice.persona.rules.role_state import RoleState

log = structlog.get_logger(__name__)

_ANSWERS = Q(content_refused=False) & ~Q(interrupted=True, transcript="")
"""AI turns that answer the trainee: of a reply cut off before its first word they heard nothing."""


def to_be_judged(state: RoleState) -> dict[str, Any]:
    """What to store with an AI turn that a model spoke: its state is the one before it until the turn is judged."""
    return {**state.stored(), "called": None}


def unjudged(session: PracticeSession, upto: Turn | None = None) -> list[int]:
    """The AI turns, in order, of which no check has said what the trainee's words before them called for.

    Their check failed, or had to do without the words; turns without words are left out. With `upto`, the AI turn that
    is being checked: up to this one, and without those whose own check is still to come.
    """
    words = Turn.objects.filter(session=OuterRef("session"), sequence=OuterRef("sequence") - 1, transcript__gt="")
    turns = session.turns.filter(
        Exists(words), reply_status=ReplyStatus.COMPLETE, content_refused=False, role_state__called=None
    )
    if upto is not None:
        turns = turns.filter(Q(pk=upto.pk) | Q(sequence__lt=upto.sequence, objective_check_at=None))
    return list(turns.order_by("sequence").values_list("sequence", flat=True))


def move(
    session: PracticeSession, called: Mapping[int, Sequence[str]], *, succeeded: int | None = None
) -> RoleState | None:
    """Store what was called for before the AI turns `called`, and the states after them and after later turns.

    Checks may finish in a different order from their turns, so each later state is computed again, from what its own
    turn called for. A turn is judged once. Returns the last of these states, so that everything known decides the end
    of the talk; None without a role brief. `succeeded`: the AI turn at which a model found the objective reached, so
    every wanted criterion counts as met and the verdict agrees with the criteria. Locked lines that a reply gave away
    are counted.
    """
    brief = session.parsed_role_brief
    if brief is None:
        return None
    judged = {*called} if succeeded is None else {*called, succeeded}
    told: list[tuple[Turn, RoleState, RoleState]] = []
    with transaction.atomic():
        if PracticeSession.objects.locked(session.pk) is None:
            return None
        for turn, before, after in _states(session, brief, called, succeeded) if judged else ():
            if turn.sequence in judged:
                told.append((turn, before, after))
        last = role_storage.latest(session)
    for turn, before, after in told:
        _watch(turn, brief, before, after)
    return last


def _states(
    session: PracticeSession, brief: RoleBrief, called: Mapping[int, Sequence[str]], succeeded: int | None
) -> Iterator[tuple[Turn, RoleState, RoleState]]:
    """Store the states anew from the first turn judged, and give each turn with the states before and after it.

    What an unheard reply would have answered is answered by the next.
    """
    answered = _last_answered(session, before=min(called, default=succeeded or 0))
    state, unanswered = role_storage.before(session, answered + 1), list[str]()
    changed = Q(sequence__in=called) | Q(sequence=succeeded) | Q(sequence__gt=answered, role_state__isnull=False)
    turns = session.turns.filter(changed, speaker=Speaker.AI).annotate(is_answer=_ANSWERS).order_by("sequence")
    for turn in turns.only("session", "sequence", "transcript", "content_refused", "role_state"):
        judged = _judged(turn)
        if turn.sequence in called and judged.get("called") is None:
            judged["called"] = list(called[turn.sequence])
        if turn.sequence == succeeded:
            judged["succeeded"] = True
        if state is None or not judged:  # the rules moved this one when it was said
            return
        asked_for = [*unanswered, *((not turn.content_refused and judged.get("called")) or ())]
        after = _after(turn, brief, state, asked_for, succeeded=bool(judged.get("succeeded")))
        unanswered = [] if turn.is_answer else asked_for
        Turn.objects.filter(pk=turn.pk).update(role_state={**after.stored(), **judged})
        yield turn, state, after
        state = after


def unheard(turn: Turn) -> dict[str, Any] | None:
    """What to store with AI turn `turn` if none of its words were heard: the state before it, and its check's result.

    None without a role brief. Call with the session locked.
    """
    before = role_storage.before(turn.session, turn.sequence)
    return to_be_judged(before) | _judged(turn) if before is not None else None


def _judged(turn: Turn) -> dict[str, Any]:
    """The result of an AI turn's check: `called` is None before it; empty if the rules moved the state instead."""
    stored = turn.role_state or {}
    return {key: stored[key] for key in ("called", "succeeded") if key in stored}


def _last_answered(session: PracticeSession, *, before: int) -> int:
    """The last AI turn before this one that is an answer; -1 without one."""
    turns = session.turns.filter(_ANSWERS, speaker=Speaker.AI, sequence__lt=before).order_by("-sequence")
    found = turns.values_list("sequence", flat=True).first()
    return -1 if found is None else found


def _after(turn: Turn, brief: RoleBrief, before: RoleState, asked_for: Sequence[str], *, succeeded: bool) -> RoleState:
    state = _moved(brief, before, asked_for, turn.sequence - 1) if turn.is_answer else before  # type: ignore[attr-defined]
    if succeeded and not state.ended:
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

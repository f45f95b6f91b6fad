"""Reads the persona's state, which is stored with each AI turn as it was after that turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from practice.lifecycle import Speaker
from practice.models import PracticeSession, Turn
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.rules import role_rules
from practice.persona.rules.role_state import RoleState


@dataclass(frozen=True)
class RolePart:
    """What is needed to play AI turn `sequence` by a role brief. `heard`: the trainee's words, if known."""

    brief: RoleBrief
    state: RoleState
    sequence: int
    language: str
    name: str
    other: str
    heard: str | None


def part(session: PracticeSession, sequence: int, said: Sequence[Turn]) -> RolePart | None:
    """None if the session's scenario has no role brief. `said`: the turns before `sequence`, in order."""
    brief = session.parsed_role_brief
    if brief is None:
        return None
    stored = [turn.role_state for turn in said if turn.role_state is not None]
    state = _at(session, stored[-1]) if stored else _at_the_start(session, brief)
    answered = said[-1] if said and said[-1].speaker == Speaker.TRAINEE else None
    return RolePart(
        brief=brief,
        state=state,
        sequence=sequence,
        language=session.language,
        name=session.brief["aiPersona"]["name"],
        other=session.brief["traineePersona"]["name"],
        heard=answered.transcript if answered else None,
    )


def before(session: PracticeSession, sequence: int) -> RoleState | None:
    """The persona's state before AI turn `sequence`; None without a role brief."""
    stored = _last(session, before=sequence)
    if stored is not None:
        return _at(session, stored)
    brief = session.parsed_role_brief
    return _at_the_start(session, brief) if brief is not None else None


def _at(session: PracticeSession, stored: Mapping[str, Any]) -> RoleState:
    return replace(RoleState.read(stored), difficulty=session.difficulty)


def _at_the_start(session: PracticeSession, brief: RoleBrief) -> RoleState:
    earlier = session.continues_from
    carried = latest(earlier) if earlier is not None else None
    if carried is not None:
        return carried.carried_over(session.difficulty)
    return role_rules.begin(brief, session.difficulty)


def latest(session: PracticeSession) -> RoleState | None:
    """The state after the last AI turn; None without a role brief or before the first turn."""
    stored = _last(session)
    return RoleState.read(stored) if stored is not None else None


def _last(session: PracticeSession, before: int | None = None) -> dict[str, Any] | None:
    turns = Turn.objects.filter(session=session, role_state__isnull=False).order_by("-sequence")
    if before is not None:
        turns = turns.filter(sequence__lt=before)
    return turns.values_list("role_state", flat=True).first()

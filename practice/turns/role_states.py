"""Where the persona's state is kept: with each AI turn, as it was once that turn was said."""

from dataclasses import dataclass, replace

from practice.lifecycle import Speaker
from practice.models import PracticeSession, Turn
from practice.role_brief import RoleBrief
from practice.turns import role
from practice.turns.role import RoleState


@dataclass(frozen=True)
class RolePart:
    """What playing AI turn `sequence` by a role brief takes. `heard`: what the trainee said, where that is known."""

    brief: RoleBrief
    state: RoleState
    sequence: int
    language: str
    name: str
    other: str
    heard: str | None


def part(session: PracticeSession, sequence: int) -> RolePart | None:
    """None where the session's scenario has no role brief."""
    state = before(session, sequence)
    if state is None:
        return None
    answered = session.turns.filter(sequence=sequence - 1, speaker=Speaker.TRAINEE).first() if sequence else None
    return RolePart(
        brief=RoleBrief.model_validate(session.role_brief),
        state=state,
        sequence=sequence,
        language=session.language,
        name=session.brief["aiPersona"]["name"],
        other=session.brief["traineePersona"]["name"],
        heard=answered.transcript if answered else None,
    )


def before(session: PracticeSession, sequence: int) -> RoleState | None:
    """The state in which AI turn `sequence` finds the persona; None without a role brief."""
    if session.role_brief is None:
        return None
    kept = _last(session, before=sequence)
    if kept is not None:
        return replace(kept, difficulty=session.difficulty)
    earlier = session.continues_from
    carried = latest(earlier) if earlier is not None else None
    if carried is not None:
        return carried.carried_over(session.difficulty)
    return role.begin(RoleBrief.model_validate(session.role_brief), session.difficulty)


def latest(session: PracticeSession) -> RoleState | None:
    """The state after the last AI turn; None without a role brief or before the first turn."""
    return _last(session)


def _last(session: PracticeSession, before: int | None = None) -> RoleState | None:
    turns = Turn.objects.filter(session=session, role_state__isnull=False).order_by("-sequence")
    if before is not None:
        turns = turns.filter(sequence__lt=before)
    stored = turns.values_list("role_state", flat=True).first()
    return RoleState.read(stored) if stored is not None else None


@dataclass(frozen=True)
class RoleMoment:
    """The persona's state after AI turn `sequence`: trust, what the trainee's turn brought about, criteria met."""

    sequence: int
    trust: int
    reactions: tuple[str, ...]
    met: tuple[int, ...]


def course(session: PracticeSession) -> list[RoleMoment]:
    """How trust and met end criteria (numbers from 1) went, turn by turn; for curators. Empty without a role brief."""
    turns = Turn.objects.filter(session=session, role_state__isnull=False).order_by("sequence")
    moments = []
    for sequence, stored in turns.values_list("sequence", "role_state"):
        state = RoleState.read(stored or {})
        called = tuple(key for key, at in state.happened.items() if sequence - 1 in at)
        moments.append(RoleMoment(sequence, state.trust, called, tuple(sorted(state.met))))
    return moments

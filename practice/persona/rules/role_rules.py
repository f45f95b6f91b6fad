"""Decides what the other person does next, from role brief and state. Independent of the database.

`react` answers a turn, `tell` and `hold_on` where it has no answer, and `outcome` says how the talk has ended. All are
deterministic: the same brief, state and recognised reactions give the same answer and state, so a reply taken over by
another process, or a redone line, comes out the same.

A loss of trust counts at once; a gain unlocks reactions from the next turn on, and each reaction gains only once. A
reaction that meets an end criterion happens only when it is said, so that the transcript has it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

from practice.persona.brief.locked_reactions import locked, unlocked
from practice.persona.brief.role_brief import Fact, Reaction, RoleBrief
from practice.persona.rules.difficulty import SHIFTS
from practice.persona.rules.joined_lines import joined
from practice.persona.rules.leaving import leaving
from practice.persona.rules.reaction_choice import HURTS, SPOKEN_MOST, chosen, newly_meets
from practice.persona.rules.role_state import RoleState
from practice.persona.trust import TRUST_MIN, bounded, moved

LATE = 1_000
"""Where in a turn something counts that an earlier turn called for: after everything said in this one."""
FIRST = 1
"""The trainee's first turn."""

Fits = Mapping[str, float]
NO_PREFERENCE: Fits = MappingProxyType({})
NOWHERE: Mapping[str, int] = MappingProxyType({})

AnswerKind = Literal["says", "otherwise", "holdsOn", "knows", "common"]


@dataclass(frozen=True)
class RoleAnswer:
    """What the persona says, word for word. `kind`: where in the brief the line comes from, or common talk."""

    text: str
    kind: AnswerKind
    reactions: tuple[str, ...] = ()


def begin(brief: RoleBrief, difficulty: str) -> RoleState:
    return RoleState(trust=bounded(brief.trust + SHIFTS[difficulty].start), difficulty=difficulty)


def react(
    brief: RoleBrief,
    state: RoleState,
    recognised: Sequence[str],
    *,
    sequence: int,
    fits: Mapping[str, float] = NO_PREFERENCE,
    wants_answer: Sequence[str] = (),
    said_at: Mapping[str, int] = NOWHERE,
    bridges: Sequence[str] = (),
    by_itself: bool = False,
) -> tuple[RoleAnswer | None, RoleState]:
    """The answer to the trainee's turn `sequence`, which calls for the reactions `recognised`, most likely first.

    `fits`: how well each line answers what was said; of several that could be said the best is. None: the brief has no
    line for it, and the persona answers in their own words. `wants_answer`: reactions to a question at the end of the
    turn and to what was proposed; one of them is answered too. `said_at`: the place in the turn of what calls for each
    reaction. `bridges`: one of these goes before what was called for in an earlier turn and is said only now;
    `by_itself`: that is all of it, because the persona returns to it.
    """
    if state.ended:
        return None, state
    first = sequence == FIRST and not state.happened
    called = _with_earlier(
        brief, state, [one for key in dict.fromkeys(recognised) if (one := _find(brief, key)) and not one.by_trust]
    )
    fresh = [one for one in called if not (one.once and one.key in state.happened) and _may_end(one, state, first)]
    losing = unlocked([one for one in fresh if one.trust < 0], set(state.happened), state.trust, state.difficulty)
    if not first and (leaves := leaving(brief, state, losing)):
        state = replace(state, trust=TRUST_MIN, happened=_noted(state.happened, [*losing, leaves], sequence))
        return _speak(state, [leaves], fits)
    spoken, closed, state = _moved(state, called, fresh, losing, sequence, wants_answer)
    if spoken:
        return _speak(state, spoken, fits, {} if by_itself else {**dict.fromkeys(recognised, 0), **said_at}, bridges)
    if refused := [one for one in closed if one.key in recognised]:
        return _refuse(brief, state, refused[0], fits)
    return None, state


def common(
    state: RoleState, lines: Sequence[str], fits: Mapping[str, float] = NO_PREFERENCE
) -> tuple[RoleAnswer, RoleState]:
    """What any persona would say here: the least recently used of these lines, the one that fits best first."""
    return _say(state, [("", lines)], "common", fits)


def tell(state: RoleState, facts: Sequence[Fact], fits: Fits = NO_PREFERENCE) -> tuple[RoleAnswer, RoleState] | None:
    """What the persona knows, in words not used yet; None if they have said it all before."""
    untold = [lines for fact in facts if (lines := [line for line in fact.says if line not in state.said])]
    return _say(state, [("", lines) for lines in untold[-SPOKEN_MOST:]], "knows", fits) if untold else None


def has_been_dealt_with(brief: RoleBrief, state: RoleState, recognised: Sequence[str]) -> bool:
    """Whether everything the turn calls for has happened before, and was more than small talk."""
    called = [one for key in recognised if (one := _find(brief, key))]
    return bool(called) and all(one.key in state.happened and (one.trust or one.meets) for one in called)


def hold_on(brief: RoleBrief, state: RoleState) -> tuple[RoleAnswer, RoleState]:
    """The least recently used line to fall back on."""
    return _say(state, [("", brief.holds_on)], "holdsOn", NO_PREFERENCE)


def outcome(state: RoleState, wanted: Sequence[int]) -> Literal["succeeded", "failed"] | None:
    """How the talk has ended: the persona left, or every wanted end criterion was met; None while it goes on."""
    if state.ended:
        return "failed"
    return "succeeded" if wanted and all(number in state.met for number in wanted) else None


def waiting(brief: RoleBrief, state: RoleState) -> list[str]:
    """What was asked for too early, would meet an end criterion, and is unlocked by now."""
    kept_back = locked(brief, state)
    return [
        one.key
        for key in state.refused
        if (one := _find(brief, key)) and newly_meets(one, state) and one not in kept_back
    ]


def come_back_to(brief: RoleBrief, state: RoleState) -> list[str]:
    """What was asked for too early, is unlocked by now and changes something; the persona returns to it by itself."""
    kept_back = locked(brief, state)
    return [
        one.key
        for key in state.refused
        if (one := _find(brief, key)) and one not in kept_back and (one.trust > 0 or newly_meets(one, state))
    ][:1]


def _moved(  # noqa: PLR0913 - what the turn calls for, in three readings
    state: RoleState,
    called: Sequence[Reaction],
    fresh: Sequence[Reaction],
    losing: Sequence[Reaction],
    sequence: int,
    wants_answer: Sequence[str],
) -> tuple[list[Reaction], list[Reaction], RoleState]:
    """What is said of `fresh`, what is still locked of it, and the state after both."""
    losses = [one.trust for one in losing]
    lowered = moved(state.trust, losses=losses)
    happened = {*state.happened, *(one.key for one in losing)}
    gaining = unlocked([one for one in fresh if one.trust >= 0], happened, lowered, state.difficulty)
    open_ones = sorted([*losing, *gaining], key=_weight(state, called), reverse=True)
    spoken, counted = chosen(open_ones, state, wants_answer)
    gains = [max(0, one.trust) for one in counted if one.key not in state.happened]
    state = replace(
        state,
        trust=moved(state.trust, losses=losses, gains=gains),
        happened=_noted(state.happened, counted, sequence),
        met=_met(state.met, spoken, sequence),
    )
    closed = [one for one in fresh if one not in open_ones]
    return spoken, closed, replace(state, refused=_refused(state, closed))


def _with_earlier(brief: RoleBrief, state: RoleState, called: Sequence[Reaction]) -> list[Reaction]:
    """The reactions called for, and those called for too early before, so that nobody has to repeat themselves.

    An earlier one counts if something called for now needs it, or if it would meet an end criterion and either needs
    what is called for now or is unlocked by now.
    """
    keys = {one.key for one in called}
    due = set(waiting(brief, state)) if called else set()
    earlier = [one for key in state.refused if key not in keys and (one := _find(brief, key)) and one.ends is None]
    needed = {key for one in called for key in one.needs.after}
    return [
        *called,
        *(one for one in earlier if one.key in needed | due or (keys & {*one.needs.after} and newly_meets(one, state))),
    ]


def _refused(state: RoleState, closed: Sequence[Reaction]) -> tuple[str, ...]:
    keys = dict.fromkeys([*state.refused, *(one.key for one in closed if one.trust >= 0 and one.ends is None)])
    return tuple(key for key in keys if key not in state.happened)


def _find(brief: RoleBrief, key: str) -> Reaction | None:
    return next((one for one in brief.reactions if one.key == key), None)


def _may_end(one: Reaction, state: RoleState, first: bool) -> bool:
    """An ending must not be the first line, nor depend on something said in the same turn."""
    return one.ends is None or not first and all(key in state.happened for key in one.needs.after)


def _weight(state: RoleState, called: Sequence[Reaction]) -> Callable[[Reaction], tuple[Any, ...]]:
    def weight(one: Reaction) -> tuple[Any, ...]:
        return (
            one.ends is not None,
            one.trust <= HURTS,
            newly_meets(one, state),
            one.key not in state.happened,
            abs(one.trust),
            one.needs.trust is not None or bool(one.needs.after),
            -called.index(one),
        )

    return weight


def _noted(
    happened: Mapping[str, tuple[int, ...]], reactions: Sequence[Reaction], sequence: int
) -> dict[str, tuple[int, ...]]:
    return {**happened, **{one.key: (*happened.get(one.key, ()), sequence) for one in reactions}}


def _met(met: Mapping[int, int], spoken: Sequence[Reaction], sequence: int) -> dict[int, int]:
    return {**{number: sequence for one in spoken for number in one.meets}, **met}


def _speak(
    state: RoleState,
    spoken: Sequence[Reaction],
    fits: Fits,
    said_at: Mapping[str, int] = NOWHERE,
    bridges: Sequence[str] = (),
) -> tuple[RoleAnswer, RoleState]:
    """What is not in `said_at` was called for in an earlier turn: it comes last, unless something depends on it."""
    ended = next((one.key for one in spoken if one.ends), "")
    keys = {one.key for one in spoken}
    in_order = sorted(
        spoken,
        key=lambda one: (bool(keys & {*one.needs.after}), said_at.get(one.key, LATE), min(one.meets, default=0)),
    )
    parts: list[tuple[str, Sequence[str]]] = []
    for one in in_order:
        if bridges and one.key not in said_at and not keys & {*one.needs.after}:
            parts.append(("", bridges))
            bridges = ()
        parts.append((one.key, one.says))
    return _say(replace(state, ended=ended), parts, "says", fits)


def _refuse(
    brief: RoleBrief, state: RoleState, one: Reaction, fits: Mapping[str, float]
) -> tuple[RoleAnswer, RoleState]:
    if set(one.otherwise) - set(state.said):
        return _say(state, [(one.key, one.otherwise)], "otherwise", fits)
    return hold_on(brief, state)


def _say(
    state: RoleState, parts: Sequence[tuple[str, Sequence[str]]], kind: AnswerKind, fits: Mapping[str, float]
) -> tuple[RoleAnswer, RoleState]:
    said = list(state.said)
    lines = []
    for _key, choices in parts:
        line = _next(choices, said, fits)
        lines.append(line)
        said.append(line)
    keys = tuple(key for key, _ in parts if key)
    return RoleAnswer(joined(lines), kind, keys), replace(state, said=tuple(said))


def _next(choices: Sequence[str], said: Sequence[str], fits: Mapping[str, float]) -> str:
    """A line not said yet that fits best, else the one said longest ago."""
    last_said = {line: at for at, line in enumerate(said, 1)}
    return min(choices, key=lambda line: (last_said.get(line, 0), -fits.get(line, 0.0)))

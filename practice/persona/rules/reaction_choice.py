"""Chooses which of the reactions that a turn calls for are said, and which have happened by that. Pure."""

from collections.abc import Sequence

from practice.persona.brief.role_brief import Reaction
from practice.persona.rules.role_state import RoleState

SPOKEN_MOST = 2
"""Maximum lines in one answer: the most important reaction, and a second one if both newly meet an end criterion or if
the turn asks for or proposes the second. Of facts alone, the last two not told yet. (A fact beside a reaction:
`role_reply`.)"""
HURTS = -2
"""A reaction that costs this much trust is answered before anything else."""


def chosen(
    open_ones: Sequence[Reaction], state: RoleState, wants_answer: Sequence[str]
) -> tuple[list[Reaction], list[Reaction]]:
    """What is said, and what has happened as a result, from reactions in order of importance.

    The most important one with a line left is said, and a second one if both meet a criterion, or if the turn asks for
    it or proposes it. A reaction that meets a criterion and is not said has not happened, nor have those that depend on
    it.
    """
    spoken: list[Reaction] = []
    counted = _count(open_ones, state, spoken)
    while len(spoken) < SPOKEN_MOST:
        if spoken and (spoken[0].ends or not newly_meets(spoken[0], state)):
            break
        happened = {*state.happened, *(one.key for one in counted)}
        following = next(
            (
                one
                for one in open_ones
                if one not in spoken and happened.issuperset(one.needs.after) and _has_its_say(one, state, spoken)
            ),
            None,
        )
        if following is None:
            break
        spoken.append(following)
        counted = _count(open_ones, state, spoken)
    beside = (one for one in open_ones if one.key in wants_answer and one not in spoken)
    answer = next(
        (
            one
            for one in beside
            if {*state.happened, *(one.key for one in counted)}.issuperset(one.needs.after)
            and _answers_beside(one, state)
        ),
        None,
    )
    if answer is not None and _goes_beside(answer, spoken):
        spoken.append(answer)
        counted = _count(open_ones, state, spoken)
    return spoken, counted


def _goes_beside(answer: Reaction, spoken: Sequence[Reaction]) -> bool:
    """Whether there is one line that the answer can follow: no ending and nothing that hurt."""
    return len(spoken) == 1 and answer not in spoken and not spoken[0].ends and spoken[0].trust > HURTS


def _answers_beside(one: Reaction, state: RoleState) -> bool:
    """Whether a question for it is answered beside something weightier: with words not used yet, and no more."""
    return one.trust >= 0 and one.ends is None and not set(one.says) <= set(state.said)


def _has_its_say(one: Reaction, state: RoleState, before: Sequence[Reaction]) -> bool:
    """A second one only if it meets what the first does not meet already: nobody gives a new cup and the money."""
    if before:
        met = {*state.met, *(number for each in before for number in each.meets)}
        return not met.issuperset(one.meets) and not one.ends
    return one.ends is not None or newly_meets(one, state) or not set(one.says) <= set(state.said)


def _count(open_ones: Sequence[Reaction], state: RoleState, spoken: Sequence[Reaction]) -> list[Reaction]:
    counted: list[Reaction] = []
    happened = set(state.happened)
    while more := [
        one
        for one in open_ones
        if one not in counted
        and (one in spoken or one.trust < 0 or not newly_meets(one, state))
        and happened.issuperset(one.needs.after)
    ]:
        counted += more
        happened |= {one.key for one in more}
    return counted


def newly_meets(one: Reaction, state: RoleState) -> bool:
    return any(number not in state.met for number in one.meets)

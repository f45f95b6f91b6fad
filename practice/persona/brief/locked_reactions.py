"""When the persona may tell what they keep back: which reactions are still locked. Independent of the database."""

import re
from collections.abc import Collection, Sequence

from practice.persona.brief.role_brief import Reaction, RoleBrief
from practice.persona.rules.difficulty import SHIFTS
from practice.persona.rules.role_state import RoleState
from practice.persona.trust import bounded


def locked(brief: RoleBrief, state: RoleState) -> list[Reaction]:
    """Reactions whose lines must not be told yet."""
    return [
        one
        for one in brief.reactions
        if one.key not in state.happened and not _is_unlocked(one, state.happened, state.trust, state.difficulty)
    ]


def unlocked(called: Sequence[Reaction], happened: set[str], trust: int, difficulty: str) -> list[Reaction]:
    """Reactions whose needs are met, also by others in the same turn; what has happened stays unlocked."""
    found: list[Reaction] = [one for one in called if one.key in happened]
    while more := [one for one in called if one not in found and _is_unlocked(one, happened, trust, difficulty)]:
        found += more
        happened = happened | {one.key for one in more}
    return found


def _is_unlocked(one: Reaction, happened: Collection[str], trust: int, difficulty: str) -> bool:
    needed = one.needs.trust
    trusted = needed is None or trust >= bounded(needed + SHIFTS[difficulty].needs)
    return trusted and all(key in happened for key in one.needs.after)


def only_one_waiting_for(words: re.Pattern[str], brief: RoleBrief, happened: Collection[str]) -> Reaction | None:
    """The reaction with `words` in its `when` that can happen now and meets an end criterion; None if not just one."""
    waiting = [
        one
        for one in brief.reactions
        if one.meets and one.key not in happened and set(one.needs.after) <= set(happened) and words.search(one.when)
    ]
    return waiting[0] if len(waiting) == 1 else None

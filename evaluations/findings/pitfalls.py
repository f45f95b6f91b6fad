"""Which ways to fail a talk came to, as far as its role brief can tell. Pure.

    ended by                     criterion                    happened
    a line of the trainee        about what “you” do          yes, if it is the only such criterion
    a line of the trainee        about the other person       no
    trust used up                about the other person       yes, if it is the only such criterion
    trust used up                about what “you” do          no, if such a line would have ended the talk before
    nothing                      any                          no

An insult that is named as a way to fail happened if the trainee plainly insulted somebody. Otherwise nobody can tell.
"""

import re
from collections.abc import Mapping, Sequence

from practice.catalog import end_criteria
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.rules.role_state import RoleState

_ABOUT_YOU = re.compile(r"^(?:it )?fails\s+(?:if|when)\s+you\b|^失败[：:，,]?\s*你", re.IGNORECASE)
_INSULT = re.compile(r"\b(?:insult|mock|abus|call \w+ names)|侮辱|辱骂|骂人|嘲笑", re.IGNORECASE)


def happened(brief: RoleBrief, state: RoleState, texts: Sequence[str], *, insulting: bool) -> Mapping[int, bool | None]:
    """By number of each end criterion that says how it fails: whether it came to that; None if nobody can tell.

    `texts`: all end criteria; `insulting`: whether the trainee plainly insulted somebody.
    """
    failing = end_criteria.failing(texts)
    if not state.ended:
        return dict.fromkeys(failing, False)
    if len(failing) == 1:
        return dict.fromkeys(failing, True)
    ends = {one.key: one for one in brief.reactions if one.ends}
    by_trust = state.ended not in ends or ends[state.ended].by_trust
    likely = [number for number in failing if bool(_ABOUT_YOU.match(texts[number - 1])) != by_trust]
    if not likely:
        likely = [number for number in failing if insulting and _INSULT.search(texts[number - 1])]
    if len(likely) != 1:
        return dict.fromkeys(failing)
    would_have_ended = not by_trust or any(not one.by_trust for one in ends.values())
    return {number: True if number in likely else False if would_have_ended else None for number in failing}

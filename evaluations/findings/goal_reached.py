"""Settles a session's outcome: verdict and met end criteria, always consistent.

Page, API and `objectiveStatus` all read what `settled` returns, so they cannot disagree:

    succeeded  ⇔  every wanted criterion is met and none that says how it fails
    a criterion that says how it fails is met  ⇒  failed
    unknown  ⇒  some wanted criterion is not met

With a role brief the state of the other person decides which were met; without one the evaluator's findings do. The
verdict that ended the conversation stays; one that a reading made goes with it when the conversation is read again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evaluations.findings import insults, pitfalls
from evaluations.findings.results import Criterion
from practice.catalog import end_criteria
from practice.lifecycle import ObjectiveStatus, Reason, Speaker
from practice.models import PracticeSession
from practice.persona.brief.role_brief import Reaction, RoleBrief
from practice.persona.rules.role_state import RoleState

DOORS_MAX = 3

_ENDED_WITH: Mapping[str, ObjectiveStatus] = {
    Reason.OBJECTIVE_MET: ObjectiveStatus.SUCCEEDED,
    Reason.OBJECTIVE_FAILED: ObjectiveStatus.FAILED,
}


def plays_a_role(session: PracticeSession) -> bool:
    """Whether the other person followed a role brief whose state was recorded."""
    return role_state(session) is not None


def role_state(session: PracticeSession) -> RoleState | None:
    """The other person's state at the end; None without a role brief."""
    if session.role_brief is None:
        return None
    stored = session.turns.filter(role_state__isnull=False).order_by("sequence").values_list("role_state", flat=True)
    last = stored.last()
    return RoleState.read(last) if last else None


def settle(session: PracticeSession, found: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """The criteria to store; their verdict is written to the session, unless the conversation ended with one."""
    state = role_state(session)
    texts = [str(text) for text in session.brief.get("endCriteria") or ()]
    given = _of_role(state, texts, pitfalls_of(session) or {}) if state else found
    decided = _ENDED_WITH.get(session.termination_reason, ObjectiveStatus.UNKNOWN)
    status, criteria = settled(decided, given, texts)
    if status != session.objective_status:
        # The reason, if there is one, was given for the other verdict.
        PracticeSession.objects.filter(pk=session.pk).update(objective_status=status, objective_reason="")
    return criteria


def pitfalls_of(session: PracticeSession) -> Mapping[int, bool | None] | None:
    """What is known of each way to fail, by number of the end criterion; None without a role brief."""
    state = role_state(session)
    if state is None:
        return None
    texts = [str(text) for text in session.brief.get("endCriteria") or ()]
    own = session.turns.filter(speaker=Speaker.TRAINEE).values_list("transcript", flat=True)
    insulting = insults.plainly(line for line in own if line)
    return pitfalls.happened(RoleBrief.model_validate(session.role_brief), state, texts, insulting=insulting)


def settled(
    status: ObjectiveStatus, found: Sequence[Criterion], texts: Sequence[str]
) -> tuple[ObjectiveStatus, tuple[Criterion, ...]]:
    """Make verdict and criteria consistent. `texts`: all end criteria; a `status` other than unknown is not changed."""
    failing = {texts[number - 1] for number in end_criteria.failing(texts)}
    criteria = tuple(found)
    if status == ObjectiveStatus.SUCCEEDED:
        return status, tuple(_set(each, each.text not in failing) for each in criteria)
    has_failed = any(each.met for each in criteria if each.text in failing)
    if status == ObjectiveStatus.UNKNOWN:
        if has_failed:
            return ObjectiveStatus.FAILED, criteria
        if _all_wanted_met(criteria, texts, failing):
            return ObjectiveStatus.SUCCEEDED, criteria
        return status, criteria
    if not has_failed and _all_wanted_met(criteria, texts, failing):
        # The session failed, so not every criterion can be met: drop those without a turn, or all if each has one.
        wanted = [each for each in criteria if each.text not in failing]
        named = [each for each in wanted if each.sequence is not None]
        keep = named if len(named) < len(wanted) else []
        criteria = tuple(each if each in keep or each.text in failing else _set(each, met=False) for each in criteria)
    return status, criteria


def doors(session: PracticeSession) -> list[str]:
    """Hints at what the other person would have told or agreed to next: at most three.

    Those that would have met an end criterion come first.
    """
    state = role_state(session)
    if state is None:
        return []
    brief = RoleBrief.model_validate(session.role_brief)
    open_criteria = {number for one in brief.reactions for number in one.meets} - set(state.met)
    missed = [one for one in brief.reactions if one.hint and _is_door(one, brief, state)]
    ranked = sorted(missed, key=lambda one: not open_criteria.intersection(one.meets))
    return list(dict.fromkeys(one.hint for one in ranked))[:DOORS_MAX]


def _is_door(one: Reaction, brief: RoleBrief, state: RoleState) -> bool:
    """Whether the reaction did not happen, could have happened next, and would have opened something.

    “When he tells you why, ask further” helps nobody who was not told why. A small-talk answer opens nothing, and
    nobody should be told that they missed one that costs trust or ends the talk.
    """
    opens = one.trust > 0 or one.meets or any(one.key in other.needs.after for other in brief.reactions)
    could_happen = one.key not in state.happened and all(key in state.happened for key in one.needs.after)
    return bool(opens) and could_happen and one.trust >= 0 and one.ends is None


def _of_role(state: RoleState, texts: Sequence[str], failed: Mapping[int, bool | None]) -> tuple[Criterion, ...]:
    ended_at = max(state.happened.get(state.ended, ()), default=0) if state.ended else 0
    found = []
    for number, text in enumerate(texts, 1):
        if number in failed:
            met = bool(failed[number])
            found.append(Criterion(text, met, ended_at or None if met else None))
        else:
            found.append(Criterion(text, number in state.met, state.met.get(number) or None))
    return tuple(found)


def _all_wanted_met(criteria: Sequence[Criterion], texts: Sequence[str], failing: set[str]) -> bool:
    met = {each.text for each in criteria if each.met}
    wanted = [text for text in texts if text not in failing]
    return bool(wanted) and all(text in met for text in wanted)


def _set(criterion: Criterion, met: bool) -> Criterion:
    return criterion if criterion.met == met else replace(criterion, met=met, sequence=None)

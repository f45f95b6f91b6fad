"""Merges two readings of one conversation; where they disagree about a behaviour, the answer is unsure. Pure."""

from dataclasses import replace

from evaluations.cloud.model_answer import Reading
from evaluations.findings import next_step
from evaluations.findings.ratings import INSULT_AT_MOST, Answer, rate
from evaluations.findings.results import Agreement, BehaviourFinding, Criterion, Findings, Score
from evaluations.transcript.conversation import Behaviour, RatedSkill


def of(first: Reading, second: Reading | None, *, insulting: bool = False) -> Findings:
    """What both readings say; notes and summary are the first one's. A single reading has no agreement.

    `insulting`: the trainee plainly insulted or threatened somebody, which caps every rating (`ratings.py`).
    """
    if second is None:
        return _finished(first.findings, insulting)
    keys = first.said.keys() & second.said.keys()
    agreed = sum(first.said[key] == second.said[key] for key in keys)
    seconds = {score.skill.id: score for score in second.findings.scores}
    scores = tuple(_score(score, seconds.get(score.skill.id), first, second) for score in first.findings.scores)
    return _finished(
        replace(
            first.findings,
            scores=scores,
            criteria=_criteria(first.findings, second.findings),
            dropped_quotes=first.findings.dropped_quotes + second.findings.dropped_quotes,
            agreement=Agreement(agreed, len(keys)) if keys else None,
        ),
        insulting,
    )


def _score(score: Score, other: Score | None, first: Reading, second: Reading) -> Score:
    if other is None or not score.behaviours or not other.behaviours:
        return score
    others = {found.behaviour.key: found for found in other.behaviours}
    found = tuple(
        _behaviour(score.skill, one.behaviour, one, others[one.behaviour.key], first, second)
        for one in score.behaviours
    )
    steps = (score.next_step, other.next_step)
    return replace(
        score,
        behaviours=found,
        rating=rate((each.behaviour.kind, each.answer) for each in found),
        next_step=next((step for step in steps if step and next_step.is_open(found, step.key)), None),
    )


def _behaviour(
    skill: RatedSkill,
    behaviour: Behaviour,
    one: BehaviourFinding,
    two: BehaviourFinding,
    first: Reading,
    second: Reading,
) -> BehaviourFinding:
    key = (skill.id, behaviour.key)
    if first.said[key] != second.said[key]:
        return BehaviourFinding(behaviour, Answer.UNSURE)
    # Both agree; for `shown` one quote that can be found is enough.
    return one if one.quote or not two.quote else two


def _criteria(first: Findings, second: Findings) -> tuple[Criterion, ...]:
    """A criterion is met if both readings say so."""
    seen = {result.text: result for result in second.criteria}
    return tuple(
        result if result.text not in seen or seen[result.text].met else replace(result, met=False, sequence=None)
        for result in first.criteria
    )


def _finished(findings: Findings, insulting: bool) -> Findings:
    """Add a next step for each skill with room for improvement, and drop praise if nothing was shown."""
    scores = tuple(replace(score, next_step=next_step.of(score)) for score in findings.scores)
    if insulting:
        scores = tuple(map(_capped, scores))
    findings = replace(findings, scores=scores)
    return findings if findings.something_worked else replace(findings, strengths="")


def _capped(score: Score) -> Score:
    if score.behaviours:
        answers = ((each.behaviour.kind, each.answer) for each in score.behaviours)
        return replace(score, rating=rate(answers, insulting=True))
    return replace(score, rating=None if score.rating is None else min(score.rating, INSULT_AT_MOST))

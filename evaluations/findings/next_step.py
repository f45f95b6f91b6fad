"""Chooses what to try next: for each skill, the most valuable behaviour. Pure."""

from collections.abc import Callable, Sequence

from evaluations.findings.ratings import Answer
from evaluations.findings.results import BehaviourFinding, NextStep, Score
from practice.catalog.rubric import RATINGS

Choose = Callable[[str, BehaviourFinding, Sequence[str]], str]
"""The line to show, for a skill's id, a finding and the examples of its behaviour; empty if none fits."""


def first(skill_id: str, found: BehaviourFinding, examples: Sequence[str]) -> str:
    """The example that the curator put first."""
    return examples[0]


def urgency(rating: int | None) -> int:
    """By which skills to work on are sorted: the lowest rating comes first, none last."""
    return RATINGS.stop if rating is None else rating


def of(score: Score) -> NextStep | None:
    """The reading's own step if it is about something open; else a curator's example."""
    if score.next_step and is_open(score.behaviours, score.next_step.key):
        return score.next_step
    return from_example(score)


def from_example(score: Score, choose: Choose = first) -> NextStep | None:
    """A curator's line for the most valuable behaviour.

    Behaviours that should have been avoided come first, then those not shown; one that no line fits is passed over.
    """
    for found in sorted(score.behaviours, key=lambda each: each.behaviour.is_wanted):
        behaviour = found.behaviour
        examples = behaviour.shown if behaviour.is_wanted else behaviour.not_shown
        is_clear = found.answer is (Answer.NOT_SHOWN if behaviour.is_wanted else Answer.SHOWN)
        line = choose(score.skill.id, found, examples) if is_clear and examples else ""
        if line:
            return NextStep(behaviour.key, found.quote, behaviour.text, line, is_example=True)
    return None


def is_open(behaviours: Sequence[BehaviourFinding], key: str) -> bool:
    """Whether there is room for improvement: not (clearly) done, or done although it should be avoided."""
    return any(
        found.answer in (Answer.NOT_SHOWN, Answer.UNSURE) if found.behaviour.is_wanted else found.answer is Answer.SHOWN
        for found in behaviours
        if found.behaviour.key == key
    )

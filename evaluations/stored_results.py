"""Writes the result of an evaluation into its rows."""

from typing import Any

from evaluations.findings import goal_reached
from evaluations.findings.results import Findings, NextStep
from evaluations.models import BehaviourResult, CriterionResult, Evidence, SkillScore
from practice.models import PracticeSession


def store(evaluation_id: str, session_id: str, found: Findings) -> None:
    """Store the findings of an evaluation in place of earlier ones, in the transaction that completes it."""
    SkillScore.objects.filter(evaluation=evaluation_id).delete()
    CriterionResult.objects.filter(evaluation=evaluation_id).delete()
    for position, score in enumerate(found.scores):
        stored = SkillScore.objects.create(
            evaluation_id=evaluation_id,
            position=position,
            skill_id=score.skill.id,
            name=score.skill.name,
            rubric=score.skill.rubric,
            rating=score.rating,
            note=score.note,
            try_instead=score.try_instead,
            without_evidence=not score.quotes,
            next_step=_stored(score.next_step) if score.next_step else None,
        )
        Evidence.objects.bulk_create(
            Evidence(score=stored, position=place, sequence=quote.sequence, quote=quote.text)
            for place, quote in enumerate(score.evidence)
        )
        BehaviourResult.objects.bulk_create(
            BehaviourResult(
                score=stored,
                position=place,
                key=each.behaviour.key,
                text=each.behaviour.text,
                kind=each.behaviour.kind,
                answer=each.answer,
                sequence=each.quote.sequence if each.quote else None,
                quote=each.quote.text if each.quote else "",
            )
            for place, each in enumerate(score.behaviours)
        )
    settled = goal_reached.settle(PracticeSession.objects.get(pk=session_id), found.criteria)
    CriterionResult.objects.bulk_create(
        CriterionResult(
            evaluation_id=evaluation_id,
            position=position,
            criterion=result.text,
            met=result.met,
            sequence=result.sequence,
        )
        for position, result in enumerate(settled)
    )


def _stored(step: NextStep) -> dict[str, Any]:
    return {
        "key": step.key,
        "sequence": step.own.sequence if step.own else None,
        "quote": step.own.text if step.own else None,
        "why": step.why,
        "line": step.line,
        "isExample": step.is_example,
    }

"""Finds the words of a conversation that its feedback quotes, once the trainee has seen it."""

from collections.abc import Mapping

from evaluations.models import BehaviourResult, Evaluation, Evidence
from evaluations.page.panel import WORKED_FROM
from practice.catalog.behaviours import BehaviourKind
from practice.ports import Quoted


def of(session_id: str) -> Mapping[int, list[Quoted]]:
    """Quotes by sequence of the turn; empty before the scores were opened. Three queries."""
    evaluation = Evaluation.objects.filter(session_id=session_id, opened_at__isnull=False).first()
    found: dict[int, list[Quoted]] = {}
    if evaluation is None:
        return found
    shown = BehaviourResult.objects.filter(score__evaluation=evaluation, sequence__isnull=False).exclude(quote="")
    for sequence, quote, kind in shown.values_list("sequence", "quote", "kind"):
        if sequence is not None:
            found.setdefault(sequence, []).append(Quoted(quote, "good" if kind == BehaviourKind.DO else "gap"))
    rated = Evidence.objects.filter(score__evaluation=evaluation)
    for sequence, quote, rating in rated.values_list("sequence", "quote", "score__rating"):
        tone = "good" if (rating or 0) >= WORKED_FROM else "gap"
        found.setdefault(sequence, []).append(Quoted(quote, tone))
    return found

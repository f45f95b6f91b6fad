"""What the panel says about an evaluation, state by state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

from coach.config import config
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import CriterionResult, Evaluation, SkillScore
from practice import rubric
from practice.models import PracticeSession, Turn

Phase = Literal["none", "listening", "queued", "retrying", "running", "failed", "empty", "completed"]
SETTLED: frozenset[Phase] = frozenset({"none", "failed", "empty", "completed"})

STRENGTH_FROM = 4
SHOWN_AT_FIRST = 2
USUAL_SECONDS, USUAL_SECONDS_LOCAL = 20, 60
"""What to expect before there is any experience."""


@dataclass(frozen=True)
class Shown:
    """A quote and the turn to jump to; `turn_id` where there is a recording to play."""

    sequence: int
    quote: str
    turn_id: str


@dataclass(frozen=True)
class Rated:
    """A score with the rubric's words for its step (or for the steps beside it) and for all steps."""

    score: SkillScore
    words: str
    between: tuple[tuple[int, str], ...]
    anchors: dict[int, str]
    quotes: tuple[Shown, ...]


@dataclass(frozen=True)
class Panel:
    session: PracticeSession
    evaluation: Evaluation | None
    phase: Phase
    strengths: Sequence[Rated] = ()
    gaps: Sequence[Rated] = ()
    criteria: Sequence[CriterionResult] = ()
    usual_seconds: int = 0
    elapsed_seconds: int = 0
    local: bool = False

    @property
    def settled(self) -> bool:
        return self.phase in SETTLED

    @property
    def overdue(self) -> bool:
        return self.elapsed_seconds > self.usual_seconds

    @property
    def progress(self) -> int:
        """Of 100; it waits short of the end until the result is there."""
        return min(95, round(100 * self.elapsed_seconds / max(1, self.usual_seconds)))

    @property
    def skills(self) -> int:
        return len(self.session.brief.get("skillSummaries") or ())


def of(session: PracticeSession, *, now: datetime) -> Panel:
    """Read only: looking at it never evaluates anything."""
    evaluation = Evaluation.objects.filter(session=session).prefetch_related("scores__evidence", "criteria").first()
    if evaluation is None:
        return Panel(session, None, "none")
    phase = _phase(evaluation, now)
    if phase not in SETTLED:
        return Panel(
            session,
            evaluation,
            phase,
            usual_seconds=_usual_seconds(),
            elapsed_seconds=max(0, round((now - evaluation.queued_at).total_seconds())),
            local=config.evaluator.local,
        )
    recorded = dict(Turn.objects.filter(session=session, audio__isnull=False).values_list("sequence", "pk"))
    rated = [_rated(score, recorded) for score in evaluation.scores.all()]
    return Panel(
        session,
        evaluation,
        phase,
        strengths=sorted(
            (each for each in rated if each.score.rating >= STRENGTH_FROM), key=lambda each: -each.score.rating
        ),
        gaps=sorted((each for each in rated if each.score.rating < STRENGTH_FROM), key=lambda each: each.score.rating),
        criteria=list(evaluation.criteria.all()),
        local=evaluation.scored_locally,
    )


def _phase(evaluation: Evaluation, now: datetime) -> Phase:
    match EvaluationStatus(evaluation.status):
        case EvaluationStatus.RUNNING:
            return "running"
        case EvaluationStatus.FAILED:
            return "failed"
        case EvaluationStatus.COMPLETED:
            return "completed" if evaluation.scores.all() else "empty"
        case EvaluationStatus.PENDING:
            if evaluation.last_error:
                return "retrying"
            waits = evaluation.next_attempt_at is not None and evaluation.next_attempt_at > now
            return "listening" if waits else "queued"


def _rated(score: SkillScore, recorded: dict[int, str]) -> Rated:
    parsed = rubric.parse(score.rubric)
    return Rated(
        score,
        words=parsed.at(score.rating),
        between=parsed.around(score.rating),
        anchors=parsed.anchors,
        quotes=tuple(
            Shown(quote.sequence, quote.quote, recorded.get(quote.sequence, "")) for quote in score.evidence.all()
        ),
    )


def _usual_seconds() -> int:
    """From the last ones that the present kind of evaluator completed."""
    local = config.evaluator.local
    lately = Evaluation.objects.filter(
        status=EvaluationStatus.COMPLETED, scored_locally=local, latency_ms__isnull=False, completed_at__isnull=False
    ).order_by("-completed_at")[:20]
    took = [(each.completed_at - each.queued_at).total_seconds() for each in lately if each.completed_at]
    return max(5, round(median(took))) if took else (USUAL_SECONDS_LOCAL if local else USUAL_SECONDS)

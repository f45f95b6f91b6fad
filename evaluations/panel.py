"""What the panel says about an evaluation, state by state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, Literal

from django.utils.translation import gettext as _

from coach.config import config
from evaluations import disputes, evaluation_schema, rereading
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import BehaviourResult, CriterionResult, Dispute, Evaluation, SkillScore
from evaluations.ratings import Answer
from practice import rubric
from practice.behaviours import BehaviourKind
from practice.models import PracticeSession, Turn
from practice.rubric import RATINGS

Phase = Literal["none", "listening", "queued", "retrying", "running", "failed", "empty", "completed"]
SETTLED: frozenset[Phase] = frozenset({"none", "failed", "empty", "completed"})

STRENGTH_FROM = 4
TONES = ("good", "gap", "unsure", "none")
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
class ShownBehaviour:
    """A behaviour with its answer, the quote that shows it and what is said about it; `tone` is for its mark."""

    result: BehaviourResult
    tone: Literal["good", "gap", "unsure", "none"]
    label: str
    quote: Shown | None
    dispute: Dispute | None


@dataclass(frozen=True)
class Rated:
    """A score with the rubric's words for its step (or for the steps beside it) and for all steps.

    `behaviours`: what worked first, then what did not, then what stays open. `reviewed`: the rating with the answers
    that curators gave instead, where they gave any.
    """

    score: SkillScore
    words: str
    between: tuple[tuple[int, str], ...]
    anchors: dict[int, str]
    quotes: tuple[Shown, ...]
    behaviours: tuple[ShownBehaviour, ...]
    next_step: dict[str, Any] | None
    has_review: bool
    reviewed: int | None


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
    reading_offered: bool = False

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
    evaluation = Evaluation.objects.filter(session=session).prefetch_related(*evaluation_schema.WHOLE).first()
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
    by_key = {(each.skill_id, each.key): each for each in evaluation.disputes.all()}
    reviewed = disputes.reviewed_ratings(evaluation)
    rated = [_rated(score, recorded, by_key, reviewed) for score in evaluation.scores.all()]
    done = [each for each in rated if (each.score.rating or 0) >= STRENGTH_FROM]
    rest = [each for each in rated if each not in done]
    return Panel(
        session,
        evaluation,
        phase,
        strengths=sorted(done, key=lambda each: -(each.score.rating or 0)),
        # What had no occasion comes last.
        gaps=sorted(rest, key=lambda each: each.score.rating or RATINGS.stop),
        criteria=list(evaluation.criteria.all()),
        local=evaluation.scored_locally,
        reading_offered=rereading.is_offered(evaluation),
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


def _rated(
    score: SkillScore,
    recorded: Mapping[int, str],
    disputed: Mapping[tuple[str, str], Dispute],
    reviewed: Mapping[str, int | None],
) -> Rated:
    parsed = rubric.parse(score.rubric)
    found = [
        _behaviour(result, recorded, disputed.get((score.skill_id, result.key))) for result in score.behaviours.all()
    ]
    return Rated(
        score,
        words=parsed.at(score.rating) if score.rating else "",
        between=parsed.around(score.rating) if score.rating else (),
        anchors=parsed.anchors,
        quotes=tuple(
            Shown(quote.sequence, quote.quote, recorded.get(quote.sequence, "")) for quote in score.evidence.all()
        ),
        behaviours=tuple(sorted(found, key=lambda each: TONES.index(each.tone))),
        next_step=score.next_step,
        has_review=score.skill_id in reviewed,
        reviewed=reviewed.get(score.skill_id),
    )


def _behaviour(result: BehaviourResult, recorded: Mapping[int, str], dispute: Dispute | None) -> ShownBehaviour:
    wanted = result.kind == BehaviourKind.DO
    labels = {
        (True, Answer.SHOWN): ("good", _("You did this")),
        (True, Answer.NOT_SHOWN): ("gap", _("Not yet")),
        (False, Answer.SHOWN): ("gap", _("Better avoided")),
        (False, Answer.NOT_SHOWN): ("good", _("You avoided this")),
    }
    answer = Answer(result.answer)
    if answer is Answer.UNSURE:
        tone, label = "unsure", _("Could be read either way")
    elif answer is Answer.NOT_APPLICABLE:
        tone, label = "none", _("No occasion arose")
    else:
        tone, label = labels[wanted, answer]
    quote = None
    if result.sequence is not None:
        quote = Shown(result.sequence, result.quote, recorded.get(result.sequence, ""))
    return ShownBehaviour(result, tone, label, quote, dispute)  # type: ignore[arg-type]


def _usual_seconds() -> int:
    """From the last ones that the present kind of evaluator completed."""
    local = config.evaluator.local
    lately = Evaluation.objects.filter(
        status=EvaluationStatus.COMPLETED, scored_locally=local, latency_ms__isnull=False, completed_at__isnull=False
    ).order_by("-completed_at")[:20]
    took = [(each.completed_at - each.queued_at).total_seconds() for each in lately if each.completed_at]
    return max(5, round(median(took))) if took else (USUAL_SECONDS_LOCAL if local else USUAL_SECONDS)

"""The data of the feedback panel, by state of the evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Any, Literal

from coach.config import config
from evaluations import evaluation_schema
from evaluations.findings import goal_reached, line_to_redo, next_step
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import CriterionResult, Evaluation
from evaluations.own_view import self_assessment_form
from evaluations.own_view.self_assessment_form import Group, OwnView
from evaluations.page import conversation_strip
from evaluations.page.conversation_strip import Strip
from evaluations.page.panel_scores import Rated, Shown, ShownBehaviour, quote_of, rated
from evaluations.requeue import Cause, replaced, why_offered
from practice.catalog import availability, end_criteria
from practice.catalog.behaviours import BehaviourKind
from practice.lifecycle import ObjectiveStatus
from practice.models import PracticeSession, Turn
from practice.views import redo

Phase = Literal["none", "listening", "queued", "retrying", "running", "failed", "empty", "completed"]
SETTLED: frozenset[Phase] = frozenset({"none", "failed", "empty", "completed"})

WORKED_FROM = 4
"""The least rating of a skill that stands under *What worked*."""
SHOWN_AT_FIRST = 2
USUAL_SECONDS, USUAL_SECONDS_LOCAL = 20, 60
"""The expected duration before any evaluation was completed."""


@dataclass(frozen=True)
class Pitfall:
    """A way to fail. `happened` is None if nobody can tell; `quote` is the trainee's line that led to it."""

    result: CriterionResult
    happened: bool | None
    quote: Shown | None = None

    @property
    def what(self) -> str:
        """The failure itself: “It fails if Sam leaves” cannot “happen”."""
        return end_criteria.what_fails(self.result.criterion)


@dataclass(frozen=True)
class Panel:
    """`asked`: the skills to ask about before any score is shown; while there are some, nothing of the result is here.

    `steps`: the skills whose next step is shown, most valuable first. `redo`: the turn most worth redoing, with its
    `redo_body`. `earlier`: the result that the last new reading replaced, as in the API. `local`: a local model made
    the result; `read_locally`: one makes the result that is waited for.
    """

    session: PracticeSession
    evaluation: Evaluation | None
    phase: Phase
    asked: Sequence[Group] = ()
    own: OwnView = self_assessment_form.NOTHING
    rated: Sequence[Rated] = ()
    goals: Sequence[CriterionResult] = ()
    pitfalls: Sequence[Pitfall] = ()
    redo: Turn | None = None
    strip: Strip | None = None
    usual_seconds: int = 0
    elapsed_seconds: int = 0
    local: bool = False
    read_locally: bool = False
    reading_offered: Cause | None = None
    earlier: dict[str, Any] | None = None

    @property
    def settled(self) -> bool:
        return self.phase in SETTLED

    @property
    def overdue(self) -> bool:
        return self.elapsed_seconds > self.usual_seconds

    @property
    def progress(self) -> int:
        """Progress in per cent; stays below 100 until the result is there."""
        return min(95, round(100 * self.elapsed_seconds / max(1, self.usual_seconds)))

    @property
    def skills(self) -> int:
        return len(self.session.brief.get("skillSummaries") or ())

    @property
    def strengths(self) -> list[Rated]:
        done = [each for each in self.rated if (each.score.rating or 0) >= WORKED_FROM]
        return sorted(done, key=lambda each: -(each.score.rating or 0))

    @property
    def gaps(self) -> list[Rated]:
        """Skills that are not strengths; those without an occasion come last."""
        rest = [each for each in self.rated if (each.score.rating or 0) < WORKED_FROM]
        return sorted(rest, key=_urgency)

    @property
    def highlights(self) -> list[ShownBehaviour]:
        """If no whole skill is a strength: individual behaviours done well."""
        if self.strengths:
            return []
        done = [each for one in self.rated for each in one.behaviours if each.tone == "good" and each.quote]
        return [each for each in done if each.result.kind == BehaviourKind.DO][:SHOWN_AT_FIRST]

    @property
    def disputable(self) -> bool:
        """Whether there is a behaviour to see differently: old evaluations have none, and new ones may answer anew."""
        return self.phase == "completed" and any(each.behaviours for each in self.rated)

    @property
    def steps(self) -> list[Rated]:
        with_step = [each for each in self.rated if each.next_step or each.score.try_instead]
        return sorted(with_step, key=_urgency)[:SHOWN_AT_FIRST]

    @property
    def outcome_known(self) -> bool:
        """Whether an ending that was not found really did not happen: a small model alone cannot tell."""
        return not self.local or self.session.role_brief is not None


def _urgency(rated: Rated) -> int:
    return next_step.urgency(rated.score.rating)


def of(session: PracticeSession, *, now: datetime) -> Panel:
    """The panel of a session. Reading it never starts an evaluation."""
    evaluation = Evaluation.objects.filter(session=session).prefetch_related(*evaluation_schema.WHOLE).first()
    if evaluation is None:
        return _without_result(Panel(session, None, "none"))
    phase = _phase(evaluation, now)
    panel = Panel(session, evaluation, phase, asked=_asked(session, evaluation, phase))
    if panel.settled:
        panel = replace(panel, reading_offered=why_offered(evaluation))
    else:
        panel = replace(
            panel,
            usual_seconds=_usual_seconds(),
            elapsed_seconds=max(0, round((now - evaluation.queued_at).total_seconds())),
            read_locally=config.evaluator.local,
        )
    if panel.asked:
        return panel
    if evaluation.scores.all():
        return _with_result(panel, evaluation)
    return _without_result(panel) if panel.settled else panel


def pitfalls_of(session: PracticeSession, criteria: Sequence[CriterionResult], turns: Sequence[Turn]) -> list[Pitfall]:
    """The end criteria that say how the talk fails, and what is known of each."""
    failing = end_criteria.failing([each.criterion for each in criteria])
    known = goal_reached.pitfalls_of(session)
    named = any(criteria[number - 1].met for number in failing)
    if known is None:
        failed = session.objective_status == ObjectiveStatus.FAILED
        known = dict.fromkeys(failing, None if failed and not named else False)
    lines = {turn.sequence: turn for turn in turns}
    found = []
    for number in failing:
        result = criteria[number - 1]
        # An evaluation made before the state could tell says that none was met.
        happened = True if result.met else False if named or known.get(number) is False else None
        line = lines.get(result.sequence or -1)
        quote = quote_of(line.sequence, line.transcript, lines) if line and line.transcript else None
        found.append(Pitfall(result, happened, quote))
    return found


def _asked(session: PracticeSession, evaluation: Evaluation, phase: Phase) -> Sequence[Group]:
    """Also where the feedback failed or waits for a transcription: what is being filled in must not vanish."""
    if phase == "empty" and not evaluation.unheard_turns or not self_assessment_form.is_due(session, evaluation):
        return ()
    return self_assessment_form.groups(session)


def _with_result(panel: Panel, evaluation: Evaluation) -> Panel:
    session = panel.session
    turns = _turns(session)
    own = self_assessment_form.of(session)
    scores = list(evaluation.scores.all())
    criteria = list(evaluation.criteria.all())
    failing = end_criteria.failing([each.criterion for each in criteria])
    return replace(
        panel,
        own=own,
        rated=rated(evaluation, turns, own),
        goals=[each for number, each in enumerate(criteria, 1) if number not in failing],
        pitfalls=pitfalls_of(session, criteria, turns),
        redo=_redo(session, turns, line_to_redo.of(scores, turns)),
        strip=conversation_strip.of(session, turns),
        local=evaluation.scored_locally,
        earlier=_earlier(evaluation),
    )


def _turns(session: PracticeSession) -> list[Turn]:
    return list(Turn.objects.said().filter(session=session).order_by("sequence"))


def _without_result(panel: Panel) -> Panel:
    earlier = _earlier(panel.evaluation) if panel.evaluation else None
    return replace(panel, strip=conversation_strip.of(panel.session, _turns(panel.session)), earlier=earlier)


def _earlier(evaluation: Evaluation) -> dict[str, Any] | None:
    return next((each.result for each in reversed(replaced(evaluation)) if each.result.get("scores")), None)


def _redo(session: PracticeSession, turns: Sequence[Turn], sequence: int | None) -> Turn | None:
    if not availability.startable(session.scenario):
        return None
    offered = [turn for turn in redo.offered(session, turns) if getattr(turn, "redo_body", "")]
    return next((turn for turn in offered if turn.sequence == sequence), None)


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


def _usual_seconds() -> int:
    """The median duration of recent evaluations by the current kind of evaluator."""
    local = config.evaluator.local
    lately = Evaluation.objects.filter(
        status=EvaluationStatus.COMPLETED, scored_locally=local, latency_ms__isnull=False, completed_at__isnull=False
    ).order_by("-completed_at")[:20]
    took = [(each.completed_at - each.queued_at).total_seconds() for each in lately if each.completed_at]
    return max(5, round(median(took))) if took else (USUAL_SECONDS_LOCAL if local else USUAL_SECONDS)

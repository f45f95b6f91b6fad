"""Compares attempts of one scenario: read only, in a constant number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Prefetch

from evaluations.findings import behaviour_verdicts
from evaluations.findings.behaviour_verdicts import BehaviourVerdict
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import BehaviourResult, Evaluation, SkillScore
from evaluations.own_view import self_assessment_form
from evaluations.page import delivery_figures
from history import session_outcomes
from practice.catalog.behaviours import BehaviourKind
from practice.delivery import SessionDelivery
from practice.models import PracticeSession

ATTEMPTS_A_PAGE = 6
"""As many columns as fit beside the behaviours on a desktop screen."""

Key = tuple[str, str]
"""Skill id and behaviour key."""


@dataclass(frozen=True)
class Cell:
    """One behaviour in one attempt; no `verdict` where it was not asked about.

    `change`: against the attempt before, "gained", "lost" or empty.
    """

    verdict: BehaviourVerdict | None = None
    sequence: int | None = None
    quote: str = ""
    change: str = ""

    @property
    def good(self) -> bool | None:
        """None where it cannot be told: not asked, no occasion, not counted, unsure."""
        return self.verdict.good if self.verdict else None


@dataclass(frozen=True)
class RatingCell:
    """A skill's rating in one attempt; `change` is the difference from the last rating before it."""

    rating: int | None
    change: int = 0


@dataclass
class BehaviourRow:
    key: str
    text: str
    kind: str
    cells: list[Cell] = field(default_factory=list)

    @property
    def to_avoid(self) -> bool:
        return self.kind == BehaviourKind.AVOID


@dataclass
class SkillGrid:
    skill_id: str
    name: str
    ratings: list[RatingCell] = field(default_factory=list)
    behaviours: list[BehaviourRow] = field(default_factory=list)


@dataclass(frozen=True)
class ScenarioAttempt:
    """`number` counts from the first attempt; `evaluation` is None if there is none.

    `awaits_own_view`: it is rated, but the trainee is asked for their own view first.
    """

    session: PracticeSession
    number: int
    evaluation: Evaluation | None
    delivery: SessionDelivery | None
    awaits_own_view: bool = False

    @property
    def scored(self) -> bool:
        there = self.evaluation is not None and (
            self.evaluation.status == EvaluationStatus.COMPLETED or self.evaluation.is_being_replaced
        )
        return there and not self.awaits_own_view

    @property
    def how(self) -> str:
        return session_outcomes.how(self.session)

    @property
    def redone(self) -> bool:
        return self.session.continues_from_id is not None and self.session.continues_at is not None

    @property
    def scores(self) -> Sequence[SkillScore]:
        return list(self.evaluation.scores.all()) if self.evaluation and self.scored else []

    @cached_property
    def results(self) -> Mapping[Key, BehaviourResult]:
        """What was found about each behaviour."""
        return {(score.skill_id, result.key): result for score in self.scores for result in score.behaviours.all()}

    @property
    def has_behaviours(self) -> bool:
        """False also where only ratings were given, as evaluations once did."""
        return bool(self.results)


@dataclass(frozen=True)
class AttemptGrid:
    """`attempts` oldest first, at most one page; those with a rating are its `columns`, the others are `unrated`."""

    attempts: Sequence[ScenarioAttempt]

    @cached_property
    def columns(self) -> list[ScenarioAttempt]:
        return [attempt for attempt in self.attempts if attempt.scores]

    @cached_property
    def unrated(self) -> list[ScenarioAttempt]:
        """Without feedback there is nothing to put side by side."""
        return [attempt for attempt in self.attempts if not attempt.scores]

    @cached_property
    def skills(self) -> list[SkillGrid]:
        """Skills and behaviours in the order and wording of the latest attempt that has them."""
        found: dict[str, SkillGrid] = {}
        rows: dict[Key, BehaviourRow] = {}
        for attempt in reversed(self.columns):
            for score in attempt.scores:
                skill = found.setdefault(score.skill_id, SkillGrid(score.skill_id, score.name))
                for result in score.behaviours.all():
                    key = (score.skill_id, result.key)
                    if key not in rows:
                        rows[key] = BehaviourRow(result.key, result.text, result.kind)
                        skill.behaviours.append(rows[key])
        for skill in found.values():
            skill.ratings = _ratings(skill.skill_id, self.columns)
        for key, row in rows.items():
            row.cells = _cells(key, self.columns)
        return list(found.values())

    @property
    def has_delivery(self) -> bool:
        return any(attempt.delivery for attempt in self.columns)

    @property
    def is_assisted(self) -> bool:
        return any(attempt.session.hints_used or attempt.session.coaching_pauses for attempt in self.columns)


def grid(sessions: Sequence[PracticeSession], *, newest_number: int) -> AttemptGrid:
    """The grid of these attempts, which are given newest first; `newest_number` is the first one's. Six queries."""
    evaluations = _evaluations(session.pk for session in sessions)
    awaited = _awaited(evaluations)
    figures = delivery_figures.by_session(session.pk for session in sessions)
    attempts = [
        ScenarioAttempt(
            session,
            newest_number - place,
            evaluations.get(session.pk),
            figures.get(session.pk),
            session.pk in awaited,
        )
        for place, session in enumerate(sessions)
    ]
    return AttemptGrid(attempts[::-1])


def compared(sessions: Sequence[PracticeSession]) -> list[ScenarioAttempt]:
    """These sessions as attempts, in their order, without number and delivery. Four queries."""
    evaluations = _evaluations(session.pk for session in sessions)
    awaited = _awaited(evaluations)
    return [ScenarioAttempt(one, 0, evaluations.get(one.pk), None, one.pk in awaited) for one in sessions]


def _evaluations(session_ids: Iterable[str]) -> dict[str, Evaluation]:
    scores = Prefetch("scores", SkillScore.objects.prefetch_related("behaviours"))
    found = Evaluation.objects.filter(session__in=list(session_ids)).prefetch_related(scores)
    return {evaluation.session_id: evaluation for evaluation in found}


def _awaited(session_ids: Iterable[str]) -> set[str]:
    held_back = self_assessment_form.awaited(Evaluation.objects.filter(session__in=list(session_ids)))
    return set(held_back.values_list("session_id", flat=True))


def _cells(key: Key, attempts: Sequence[ScenarioAttempt]) -> list[Cell]:
    cells: list[Cell] = []
    last: bool | None = None
    for attempt in attempts:
        cell = cell_of(attempt.results.get(key), last)
        cells.append(cell)
        last = cell.good if cell.good is not None else last
    return cells


def cell_of(result: BehaviourResult | None, last: bool | None = None) -> Cell:
    """`last`: whether it was good the last time that could be told."""
    if result is None:
        return Cell()
    verdict = behaviour_verdicts.of(result.kind, result.answer)
    good = verdict.good
    change = "" if last is None or good is None or good == last else "gained" if good else "lost"
    return Cell(verdict, result.sequence, result.quote, change)


def _ratings(skill_id: str, attempts: Sequence[ScenarioAttempt]) -> list[RatingCell]:
    cells: list[RatingCell] = []
    last: int | None = None
    for attempt in attempts:
        rating = next((score.rating for score in attempt.scores if score.skill_id == skill_id), None)
        cells.append(RatingCell(rating, rating - last if rating and last else 0))
        last = rating or last
    return cells

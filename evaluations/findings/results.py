"""An evaluation's findings, as plain values. Independent of the database."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluations.findings.ratings import Answer
from evaluations.transcript.conversation import Behaviour, RatedSkill


@dataclass(frozen=True)
class Quote:
    """Words the trainee said, verbatim from the transcript."""

    sequence: int
    text: str


@dataclass(frozen=True)
class BehaviourFinding:
    """`quote` is set exactly if the answer is `shown`."""

    behaviour: Behaviour
    answer: Answer
    quote: Quote | None = None


@dataclass(frozen=True)
class NextStep:
    """What to try for the most valuable behaviour. `own` is the trainee's line it is about, if any.

    `line` is a better one; `is_example` if a curator wrote it, not the evaluator for this talk.
    """

    key: str
    own: Quote | None
    why: str
    line: str
    is_example: bool


@dataclass(frozen=True)
class Score:
    """`rating` is None if there was no occasion. `evidence` is for a skill without behaviours."""

    skill: RatedSkill
    rating: int | None
    note: str
    try_instead: str = ""
    evidence: tuple[Quote, ...] = ()
    behaviours: tuple[BehaviourFinding, ...] = ()
    next_step: NextStep | None = None

    @property
    def quotes(self) -> tuple[Quote, ...]:
        return self.evidence + tuple(found.quote for found in self.behaviours if found.quote)


@dataclass(frozen=True)
class Criterion:
    """`sequence` is the turn that met it, if known."""

    text: str
    met: bool
    sequence: int | None


@dataclass(frozen=True)
class Agreement:
    """How many behaviours two readings answered alike, of those that both were asked about."""

    agreed: int
    of: int


@dataclass(frozen=True)
class Findings:
    """One score per skill, in the scenario's order. `dropped_quotes`: evidence that the trainee never said.

    `criteria` and `doors` are empty if a role brief decides them.
    """

    scores: tuple[Score, ...]
    summary: str
    strengths: str = ""
    gaps: str = ""
    criteria: tuple[Criterion, ...] = ()
    dropped_quotes: int = 0
    agreement: Agreement | None = None
    doors: Sequence[str] = ()

    @property
    def kept_quotes(self) -> int:
        return sum(len(score.quotes) for score in self.scores)

    @property
    def something_worked(self) -> bool:
        """Whether anything at all may be praised."""
        return any(
            found.answer is Answer.SHOWN and found.behaviour.is_wanted
            for score in self.scores
            for found in score.behaviours
        ) or any((score.rating or 0) >= PRAISED_FROM for score in self.scores if not score.behaviours)


PRAISED_FROM = 3

"""Compares a redo with its original in what was redone: read only, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from evaluations.findings.behaviour_verdicts import BehaviourVerdict
from history import attempts
from history.attempts import Cell, ScenarioAttempt
from practice.lifecycle import Speaker
from practice.models import PracticeSession, Turn


@dataclass(frozen=True)
class ComparedBehaviour:
    """What was found about one behaviour the first time (`before`) and this time (`after`)."""

    skill: str
    key: str
    text: str
    kind: str
    before: Cell
    after: Cell

    @property
    def changed(self) -> bool:
        return self.before.verdict is not self.after.verdict

    @property
    def change(self) -> str:
        """What it came to: "gained", "lost", "unclear", or empty if it did not change."""
        if not self.changed:
            return ""
        return {True: "gained", False: "lost", None: "unclear"}[self.after.good]


@dataclass(frozen=True)
class RedoComparison:
    """A redo (`after`) beside its original (`before`), from the trainee's line `moment` on.

    `shared`: the other person's last line before that moment.
    """

    before: ScenarioAttempt
    after: ScenarioAttempt
    moment: int
    shared: Turn | None
    lines: tuple[Sequence[Turn], Sequence[Turn]]

    @property
    def awaiting(self) -> "list[ScenarioAttempt]":
        """Those of the two whose feedback waits for the trainee's own view."""
        return [one for one in (self.before, self.after) if one.awaits_own_view]

    @property
    def scored(self) -> bool:
        return self.before.scored and self.after.scored

    @property
    def has_behaviours(self) -> bool:
        return self.before.has_behaviours and self.after.has_behaviours

    @cached_property
    def behaviours(self) -> list[ComparedBehaviour]:
        """Those looked at both times that belong to the moment: first the gained, the lost, then other changes."""
        order = ["gained", "lost", "unclear", ""]
        return sorted(filter(self._is_of_the_moment, self._in_both), key=lambda one: order.index(one.change))

    @property
    def changes(self) -> list[ComparedBehaviour]:
        return [one for one in self.behaviours if one.changed]

    @property
    def unchanged(self) -> list[ComparedBehaviour]:
        return [one for one in self.behaviours if not one.changed]

    @property
    def gained(self) -> list[ComparedBehaviour]:
        """Shown now and not before, or avoided now and not before."""
        return [one for one in self.behaviours if one.change == "gained"]

    @property
    def lost(self) -> list[ComparedBehaviour]:
        return [one for one in self.behaviours if one.change == "lost"]

    @property
    def leaves_out(self) -> bool:
        """Whether something seen in lines outside the moment is not compared."""
        return len(self.behaviours) < len(self._in_both)

    @property
    def has_uncounted(self) -> bool:
        return any(one.after.verdict is BehaviourVerdict.NOT_COUNTED for one in self.changes)

    @property
    def ratings(self) -> list[tuple[str, int | None, int | None]]:
        """Name, rating of the whole talk before and after, for every skill rated in both."""
        first = {score.skill_id: score.rating for score in self.before.scores}
        return [
            (score.name, first[score.skill_id], score.rating) for score in self.after.scores if score.skill_id in first
        ]

    @cached_property
    def _in_both(self) -> list[ComparedBehaviour]:
        first = self.before.results
        return [
            ComparedBehaviour(
                *(score.name, result.key, result.text, result.kind),
                before=attempts.cell_of(first[score.skill_id, result.key]),
                after=attempts.cell_of(result),
            )
            for score in self.after.scores
            for result in score.behaviours.all()
            if (score.skill_id, result.key) in first
        ]

    @cached_property
    def _reached(self) -> int:
        """The last line that the trainee said in the redo; what the original showed later was not lost there."""
        said = (turn for turn in self.lines[1] if turn.speaker == Speaker.TRAINEE and (turn.transcript or "").strip())
        return max((turn.sequence for turn in said), default=self.moment - 1)

    def _is_of_the_moment(self, one: ComparedBehaviour) -> bool:
        seen = [cell.sequence for cell in (one.before, one.after) if cell.sequence is not None]
        return all(self.moment <= sequence <= self._reached for sequence in seen)


def compare(redone: PracticeSession) -> RedoComparison | None:
    """Compare a redo with its original; None if the session is no redo, or the original is gone."""
    original, moment = redone.continues_from, redone.continues_at
    if original is None or moment is None:
        return None
    pair = [original, redone]
    turns = list(Turn.objects.said().filter(session__in=[one.pk for one in pair], sequence__gte=moment - 1))
    turns.sort(key=lambda turn: turn.sequence)
    lines = [[turn for turn in turns if turn.session_id == one.pk and turn.sequence >= moment] for one in pair]
    before, after = attempts.compared(pair)
    shared = next((turn for turn in turns if turn.sequence == moment - 1 and turn.speaker == Speaker.AI), None)
    return RedoComparison(before, after, moment, shared, (lines[0], lines[1]))

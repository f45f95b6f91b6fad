"""Compares a redo with its original, from the redone line on: read only, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from evaluations.findings.behaviour_verdicts import BehaviourVerdict
from history import attempts
from history.attempts import Cell, ScenarioAttempt
from practice.lifecycle import Speaker
from practice.models import PracticeSession, Turn


@dataclass(frozen=True)
class BehaviourChange:
    """A behaviour that was answered differently the second time."""

    skill: str
    key: str
    text: str
    kind: str
    before: Cell
    after: Cell


@dataclass(frozen=True)
class RedoComparison:
    """A redo (`after`) beside its original (`before`), from the shared moment on.

    `shared`: the other person's last line before that moment.
    """

    before: ScenarioAttempt
    after: ScenarioAttempt
    shared: Turn | None
    lines: tuple[Sequence[Turn], Sequence[Turn]]

    @property
    def awaiting(self) -> "list[ScenarioAttempt]":
        """Those of the two whose feedback waits for the trainee's own view."""
        return [one for one in (self.before, self.after) if one.awaits_own_view]

    @property
    def comparable(self) -> bool:
        return self.before.scored and self.after.scored

    @cached_property
    def changes(self) -> list[BehaviourChange]:
        found = []
        for score in self.after.scores:
            for result in score.behaviours.all():
                old = self.before.results.get((score.skill_id, result.key))
                before, after = attempts.cell_of(old), attempts.cell_of(result)
                if old is not None and before.good != after.good:
                    found.append(BehaviourChange(score.name, result.key, result.text, result.kind, before, after))
        return found

    @property
    def gained(self) -> list[BehaviourChange]:
        """Shown now and not before, or avoided now and not before."""
        return [one for one in self.changes if one.before.good is False and one.after.good is True]

    @property
    def lost(self) -> list[BehaviourChange]:
        return [one for one in self.changes if one.before.good is True and one.after.good is False]

    @property
    def unclear(self) -> list[BehaviourChange]:
        """A gap the first time; the second says neither that it was mended nor that it was not."""
        return [one for one in self.changes if one.before.good is False and one.after.good is None]

    @property
    def has_uncounted(self) -> bool:
        return any(one.after.verdict is BehaviourVerdict.NOT_COUNTED for one in self.unclear)

    @property
    def ratings(self) -> list[tuple[str, int | None, int | None]]:
        """Name, rating before and after, for every skill rated in both."""
        first = {score.skill_id: score.rating for score in self.before.scores}
        return [
            (score.name, first[score.skill_id], score.rating) for score in self.after.scores if score.skill_id in first
        ]


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
    return RedoComparison(before, after, shared, (lines[0], lines[1]))

"""Chooses the line that a trainee is shown for a behaviour they have not mastered yet. Pure.

What a curator wrote for this very scenario (the role brief's lines of the trainee) fits best: of these the one that
shows the behaviour most plainly. If none does, the behaviour's example nearest to what was said.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evaluations.conversation import Behaviour
from evaluations.local.examples import Vector, likeness
from evaluations.local.showing import Piece, Showing, bound
from evaluations.results import BehaviourFinding

PLAINLY = 1.0
"""How far above the bound a line of the scenario must be."""


@dataclass(frozen=True)
class BetterExamples:
    """`here`: the scenario's own lines; `said`: what the trainee said; `embed` gives the vectors of example lines."""

    here: Sequence[Piece]
    said: Sequence[Piece]
    showing: Showing
    embed: Callable[[Sequence[str]], Mapping[str, Vector]]

    def choose(self, skill_id: str, found: BehaviourFinding, examples: Sequence[str]) -> str:
        """One of `examples`, or of the scenario's lines."""
        if found.behaviour.is_wanted and (line := self._of_the_scenario(skill_id, found.behaviour)):
            return line
        about = [each.line.vector for each in self.said if not found.quote or each.line.text == found.quote.text]
        vectors = self.embed(examples)
        return max(examples, key=lambda text: max((likeness(vectors[text], each) for each in about), default=0.0))

    def _of_the_scenario(self, skill_id: str, behaviour: Behaviour) -> str:
        odds = {each.line.text: self.showing.odds(skill_id, behaviour, each) for each in self.here}
        best = max(odds, key=odds.__getitem__, default="")
        return best if best and odds[best] >= bound(behaviour) + PLAINLY else ""

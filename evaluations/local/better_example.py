"""Chooses the line that a trainee is shown for a behaviour they have not mastered yet. Pure.

What a curator wrote for this very scenario (the role brief's lines of the trainee) fits best: of these the one that
shows the behaviour most plainly. If none does, the behaviour's example nearest to the scenario and what was said, among
those that fit any talk or this one; none if all are about another scenario's people and things.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from evaluations.findings.results import BehaviourFinding
from evaluations.local import topic
from evaluations.local.examples import Vector, likeness
from evaluations.local.showing import Showing, SpokenPiece, bound
from evaluations.transcript.conversation import Behaviour

PLAINLY = 1.0
"""How far above the bound a line of the scenario must be."""
MOST_ALIKE = 5
"""How many of the lines that an example is most like count: one alone may be like it by chance."""


@dataclass(frozen=True)
class BetterExamples:
    """`here`: the scenario's own lines; `said`: what the trainee said; `wanted`: by skill, what it wants done.

    `known`: the words of the scenario and of the talk; `embed` gives the vectors of lines.
    """

    here: Sequence[SpokenPiece]
    said: Sequence[SpokenPiece]
    showing: Showing
    wanted: Mapping[str, Sequence[Behaviour]]
    known: Collection[str]
    embed: Callable[[Sequence[str]], Mapping[str, Vector]]

    def choose(self, skill_id: str, found: BehaviourFinding, examples: Sequence[str]) -> str:
        """One of `examples`, or of the scenario's lines; instead of what should be avoided, what the skill wants.

        Empty if none of them fits.
        """
        instead = [found.behaviour] if found.behaviour.is_wanted else self.wanted[skill_id]
        line, plainly = self._of_the_scenario(skill_id, instead)
        if plainly >= PLAINLY:
            return line
        foreign = {text: len(topic.foreign_words(text, self.known, self.showing.language)) for text in examples}
        fewest = min(foreign.values())
        if fewest:
            return line if plainly >= 0 else ""
        return self._nearest([text for text in examples if foreign[text] == fewest])

    def _nearest(self, examples: Sequence[str]) -> str:
        about = [each.line.text for each in (*self.here, *self.said)]
        vectors = self.embed([*examples, *about])

        def fits(text: str) -> float:
            return sum(sorted((likeness(vectors[text], vectors[each]) for each in about), reverse=True)[:MOST_ALIKE])

        return max(examples, key=fits)

    def _of_the_scenario(self, skill_id: str, behaviours: Sequence[Behaviour]) -> tuple[str, float]:
        """The line that shows one of them most plainly, and how far above the bound it does."""
        plainly = {
            each.line.text: max(self.showing.odds(skill_id, one, each) - bound(one) for one in behaviours)
            for each in (self.here if behaviours else ())
        }
        best = max(plainly, key=plainly.__getitem__, default="")
        return best, plainly.get(best, -math.inf)

"""How well a sentence fits the example lines of a behaviour: by meaning and by cues. Pure.

    log-odds = base + near · w + margin · w + cues · w

`near`: likeness to the nearest `shown` line beyond the usual likeness of any two lines. `margin`: how much nearer that
is than the nearest `notShown` line. `cues`: how much more a sentence with these cues is like the `shown` lines than
like the others, as a log-likelihood ratio, with few examples drawn towards what is usual. The weights are fitted by
`scripts/bench/evaluator --fit` on example lines and on talks that no figure is measured on.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import mul

from evaluations.conversation import Behaviour
from evaluations.local import cues

Vector = Sequence[float]

DRAWN_TO_USUAL = 2.0
"""How many lines the usual rate of a cue counts for."""
CUE_MOST = 1.5
"""Log-likelihood ratio that one cue gives at most."""


@dataclass(frozen=True)
class Line:
    """A sentence with what is known of it."""

    text: str
    vector: Vector
    cues: frozenset[str]


@dataclass(frozen=True)
class Fit:
    """The three measures of a sentence against a behaviour, and the `shown` line that is nearest."""

    near: float
    margin: float
    cues: float
    nearest: str


@dataclass(frozen=True)
class Weights:
    base: float
    near: float
    margin: float
    cues: float

    def odds(self, fit: Fit) -> float:
        """Log-odds that the sentence shows the behaviour."""
        return self.base + self.near * fit.near + self.margin * fit.margin + self.cues * fit.cues


@dataclass(frozen=True)
class Examples:
    """A behaviour's lines. `usual`: share of all lines of a language that have a cue."""

    behaviour: Behaviour
    shown: Sequence[Line]
    not_shown: Sequence[Line]
    usual: Mapping[str, float]
    usual_likeness: float

    def fit(self, line: Line) -> Fit:
        likenesses = [likeness(line.vector, each.vector) for each in self.shown]
        best = max(range(len(likenesses)), key=likenesses.__getitem__)
        others = [likeness(line.vector, each.vector) for each in self.not_shown]
        against = max(others, default=self.usual_likeness)
        return Fit(
            near=likenesses[best] - self.usual_likeness,
            margin=likenesses[best] - against,
            cues=self._cues(line.cues),
            nearest=self.shown[best].text,
        )

    def _cues(self, found: frozenset[str]) -> float:
        total = 0.0
        for name in cues.NAMES:
            usual = min(0.95, max(0.02, self.usual.get(name, 0.02)))
            with_it = _rate(self.shown, name, usual)
            without = _rate(self.not_shown, name, usual)
            if name in found:
                ratio = math.log(with_it / without)
            else:
                ratio = math.log((1 - with_it) / (1 - without))
            total += max(-CUE_MOST, min(CUE_MOST, ratio))
        return total


def likeness(one: Vector, other: Vector) -> float:
    """From -1 to 1, of unit vectors."""
    return sum(map(mul, one, other))


def _rate(lines: Sequence[Line], name: str, usual: float) -> float:
    have = sum(name in line.cues for line in lines)
    return (have + DRAWN_TO_USUAL * usual) / (len(lines) + DRAWN_TO_USUAL)

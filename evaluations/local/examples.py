"""Measures how well a sentence fits the example lines of a behaviour: by meaning and by cues. Pure.

Five measures are combined into log-odds:

    near      likeness to the nearest `shown` line beyond the usual likeness of any two lines
    close     the same, of the three nearest `shown` lines on average
    margin    how much nearer the nearest `shown` line is than the nearest `notShown` line
    beyond    how much nearer it is than the lines of all behaviours that this sentence is most like
    cues      how much more a sentence with these cues is like the `shown` lines than like the others, as a
              log-likelihood ratio; with few examples each cue is drawn towards how usual it is

The weights were fitted on labelled talks that are not used for any published figure (`scripts/bench/evaluator.md`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from statistics import fmean

from evaluations.local import cues
from evaluations.transcript.conversation import Behaviour

Vector = Sequence[float]

CLOSE = 3
FEWEST_NEAREST = 3
DRAWN_TO_USUAL = 2.0
"""How many lines the usual rate of a cue counts as (shrinkage)."""
CUE_MOST = 1.5
"""Maximum log-likelihood ratio of one cue."""


@dataclass(frozen=True)
class Line:
    """A sentence with its vector and cues."""

    text: str
    vector: Vector
    cues: frozenset[str]


@dataclass(frozen=True)
class Fit:
    """The measures of a sentence against a behaviour."""

    near: float
    close: float
    margin: float
    beyond: float
    cues: float


@dataclass(frozen=True)
class Weights:
    base: float
    near: float
    close: float
    margin: float
    beyond: float
    cues: float

    def odds(self, fit: Fit) -> float:
        """Log-odds that the sentence shows the behaviour."""
        measured = self.near * fit.near + self.close * fit.close + self.margin * fit.margin
        return self.base + measured + self.beyond * fit.beyond + self.cues * fit.cues


@dataclass(frozen=True)
class Examples:
    """A behaviour's lines. `usual`: by cue, the share of all lines that have it."""

    behaviour: Behaviour
    shown: Sequence[Line]
    not_shown: Sequence[Line]
    usual: Mapping[str, float]
    usual_likeness: float

    def fit(self, line: Line, most_like: float) -> Fit:
        """`most_like`: the sentence's similarity to the most similar lines of all behaviours."""
        likenesses = sorted((likeness(line.vector, each.vector) for each in self.shown), reverse=True)
        against = max((likeness(line.vector, each.vector) for each in self.not_shown), default=self.usual_likeness)
        return Fit(
            near=likenesses[0] - self.usual_likeness,
            close=fmean(likenesses[:CLOSE]) - self.usual_likeness,
            margin=likenesses[0] - against,
            beyond=likenesses[0] - most_like,
            cues=self._cues(line.cues),
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
    """Cosine similarity of unit vectors, from -1 to 1."""
    return sum(map(mul, one, other))


def most_like(line: Line, lines: Sequence[Line]) -> float:
    """Mean similarity to the nearest fifteenth of `lines`, at least three."""
    nearest = sorted((likeness(line.vector, each.vector) for each in lines), reverse=True)
    return fmean(nearest[: max(FEWEST_NEAREST, len(lines) // 15)])


def _rate(lines: Sequence[Line], name: str, usual: float) -> float:
    have = sum(name in line.cues for line in lines)
    return (have + DRAWN_TO_USUAL * usual) / (len(lines) + DRAWN_TO_USUAL)

"""Whether a sentence is meant to hurt whom it is said to: an insult, scorn, a threat. Pure.

Sentence vectors hold what is spoken of better than how it is meant ("You're not stupid at all" is near to its
opposite), so plain words decide first, in both directions. What they leave open goes by the nearest lines of either
kind. Measured by `scripts/bench/roleplay hostility`.
"""

from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import Literal

from practice.lifecycle import Language
from practice.turns.common_talk import Hostility
from practice.turns.hostile_words import MILD_EN, MILD_ZH, STRONG_EN, STRONG_ZH, UNHURT_EN, UNHURT_ZH

NEAREST = 3
NEARER_LEAST = 0.08
"""So much nearer, on the mean of the three nearest, to lines that hurt than to lines that do not."""
LIKE_LEAST = 0.55
CALM_BELOW = 0.03
"""Less than so much nearer to lines that hurt, it is meant well."""


def by_words(sentence: str, language: str) -> Hostility | Literal["calm"] | None:
    """What its words alone say; None where they leave it open."""
    chinese = language == Language.CHINESE
    strong, mild, unhurt = (STRONG_ZH, MILD_ZH, UNHURT_ZH) if chinese else (STRONG_EN, MILD_EN, UNHURT_EN)
    if unhurt.search(sentence):
        return "calm"
    if strong.search(sentence):
        return "strong"
    return "mild" if mild.search(sentence) else None


def by_likeness(
    hostile: Mapping[Hostility, Sequence[float]], calm: Sequence[float]
) -> tuple[Hostility | Literal["calm"] | None, float]:
    """Of a sentence's likeness to each line that hurts, by how much it does, and to each that does not.

    How it is meant, None where that cannot be told, and how near the nearest line that hurts is.
    """
    nearest, kind = max((max(alike), kind) for kind, alike in hostile.items())
    nearer = _mean_of_nearest([alike for each in hostile.values() for alike in each]) - _mean_of_nearest(calm)
    if nearer < CALM_BELOW:
        return "calm", nearest
    return (kind if nearest >= LIKE_LEAST and nearer >= NEARER_LEAST else None), nearest


def _mean_of_nearest(alike: Sequence[float]) -> float:
    nearest = nlargest(NEAREST, alike)
    return sum(nearest) / len(nearest)

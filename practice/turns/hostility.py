"""Decides whether a sentence is meant to hurt the listener: an insult, scorn, a threat. Pure.

Sentence vectors capture the topic better than the attitude ("You're not stupid at all" is close to its opposite), so
plain words decide first, in both directions. Whatever they leave open is decided by the nearest lines of either kind.
Measured by `scripts/bench/roleplay hostility`.
"""

from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import Literal

from practice.lifecycle import Language
from practice.turns.common_talk import Hostility
from practice.turns.hostile_words import MILD_EN, STRONG_EN, UNHURT_EN
from practice.turns.hostile_words_zh import MILD_ZH, STRONG_ZH, UNHURT_ZH

NEAREST = 3
NEARER_LEAST = 0.06
"""Hostile only if the mean of the three nearest hurtful lines is nearer than that of harmless lines by this much."""
LIKE_LEAST = 0.54
NEARER_LEAST_ASKED = 0.12
"""The same for a question, which is seldom an attack: "Are you the drummer?" """
CALM_BELOW = 0.03
"""If hurtful lines are nearer by less than this, the sentence is well meant."""


def by_words(sentence: str, language: str) -> Hostility | Literal["calm"] | None:
    """What its words alone show; None if they leave it open."""
    chinese = language == Language.CHINESE
    strong, mild, unhurt = (STRONG_ZH, MILD_ZH, UNHURT_ZH) if chinese else (STRONG_EN, MILD_EN, UNHURT_EN)
    if unhurt.search(sentence):
        return "calm"
    if strong.search(sentence):
        return "strong"
    return "mild" if mild.search(sentence) else None


def by_likeness(
    hostile: Mapping[Hostility, Sequence[float]], calm: Sequence[float], *, asked: bool = False
) -> tuple[Hostility | Literal["calm"] | None, float]:
    """Judge by the sentence's similarity to each hurtful line, by severity, and to each harmless one.

    Returns the severity ("calm" if harmless, None if unclear) and the similarity to the nearest hurtful line.
    """
    nearest, kind = max((max(alike), kind) for kind, alike in hostile.items())
    nearer = _mean_of_nearest([alike for each in hostile.values() for alike in each]) - _mean_of_nearest(calm)
    least = NEARER_LEAST_ASKED if asked else NEARER_LEAST
    if nearer < CALM_BELOW or max(calm) > nearest:
        return "calm", nearest
    return (kind if nearest >= LIKE_LEAST and nearer >= least else None), nearest


def _mean_of_nearest(alike: Sequence[float]) -> float:
    nearest = nlargest(NEAREST, alike)
    return sum(nearest) / len(nearest)

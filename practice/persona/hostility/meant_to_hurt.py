"""Decides whether a sentence is meant to hurt the listener: an insult, scorn, a threat. Pure.

Ratings are lowered by plainer words only: `evaluations.findings.insults`.

Sentence vectors capture the topic better than the attitude ("You're not stupid at all" is close to its opposite), so
plain words decide first, in both directions. Whatever they leave open is decided by the nearest lines of either kind.
Measured by `scripts/bench/roleplay hostility`.
"""

import re
from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import Literal

from practice.lifecycle import Language
from practice.persona.common_talk import Hostility
from practice.persona.hostility.aimed_words import is_denied, is_of_others
from practice.persona.hostility.hostile_words import MILD_EN, STRONG_EN, UNHURT_EN
from practice.persona.hostility.hostile_words_zh import MILD_ZH, STRONG_ZH, UNHURT_ZH

NEAREST = 3
NEARER_LEAST = 0.06
"""Hostile only if the mean of the three nearest hurtful lines is nearer than that of harmless lines by this much."""
LIKE_LEAST = 0.62
"""Minimum likeness to a hurtful line, without a hurtful word (decision 0122)."""
NEARER_LEAST_ASKED = 0.12
"""The same for a question, which is seldom an attack: "Are you the drummer?" """
CALM_BELOW = 0.03
"""If hurtful lines are nearer by less than this, the sentence is well meant."""

_OFFERED = re.compile(
    r"\byou (?:can|may) (?:still |also |always |just |certainly |of course |then )?(?:bring|come"
    r"|take|have|choose|decide|ring|call|stay|use|pick|sell|return|write|ask|sleep|play|drop|send|pay|let|sit|start"
    r"|wait|think|tell me"
    r"|keep (?:it|the|this|that|your)|leave (?:it|the|this|that|your))\b"
    r"|\byou (?:don['’]t have to|needn['’]t|do not have to) (?!be (?:so|such))"
    r"|\b(?:i(?:['’]ll| can| could| will|['’]d be (?:happy|glad) to)|we(?:['’]ll| can| could| will))"
    r" (?:gladly |happily |also |still )?(?:help|bring|drive|lend|hold|store|keep|wait|ring|call|look after"
    r"|take care|pick|carry|come)\b"
    r"|[你您](?:随时|什么时候|哪天|慢慢|不用|不必|可以(?!滚|走了|闭嘴))|我(?:可以|来|帮|陪)(?:[你您]|帮|陪|给)",
    re.IGNORECASE,
)
_NOT_OFFERED = re.compile(
    r"\bor\b|\bunless\b|\botherwise\b|\bif you (?:don['’]t|ever|do (?:that|it))|\b(?:else|elsewhere|hell|regret|lesson"
    r"|stupid|silly|damn|bloody|rubbish|nonsense|excuses|lies|whining|opinion|pity|fired|lawyer|police|boss|landlord)\b"
    r"|不然|否则|要不然|别怪|走着瞧|等着|滚|废物",
    re.IGNORECASE,
)
"""What offers or concedes something ("You can bring it in any day"), and what such a sentence must not hold."""


def by_words(sentence: str, language: str) -> Hostility | Literal["calm"] | None:
    """What its words alone show; None if they leave it open."""
    chinese = language == Language.CHINESE
    strong, mild, unhurt = (STRONG_ZH, MILD_ZH, UNHURT_ZH) if chinese else (STRONG_EN, MILD_EN, UNHURT_EN)
    if unhurt.search(sentence) or is_denied(sentence, language):
        return "calm"
    if any(not is_of_others(sentence, found, language) for found in strong.finditer(sentence)):
        return "strong"
    if any(not is_of_others(sentence, found, language) for found in mild.finditer(sentence)):
        return "mild"
    return "calm" if _OFFERED.search(sentence) and not _NOT_OFFERED.search(sentence) else None


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

"""Which reactions of a role brief a trainee's turn calls for. Free of the database.

Compared sentence by sentence, since one turn may call for several: each sentence with every line that the brief lists
as `heard`, by the meaning that sentence vectors hold.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from coach.providers.ports import SentenceEmbeddings, Vector
from practice.role_brief import RoleBrief

LIKE = {"en": 0.42, "zh": 0.55}
"""From this likeness on, from -1 to 1, a sentence counts as one of a reaction's."""

CLOSE = 0.03
"""A sentence calls for the reaction that it is most like, and for others only as near as this."""

_SENTENCE = re.compile(r"[^.!?。！？…\n]+[.!?。！？…]*")


@dataclass(frozen=True)
class Recognised:
    key: str
    likeness: float


async def recognise(
    brief: RoleBrief, text: str, embeddings: SentenceEmbeddings, *, language: str = "en"
) -> list[Recognised]:
    """Reactions that the turn calls for, the likeliest first. Raises ProviderError."""
    said = sentences(text)
    if not said:
        return []
    lines = [(one.key, line) for one in brief.reactions for line in one.heard]
    vectors = await embeddings.embed([*said, *(line for _, line in lines)], language=language)
    spoken, known = vectors[: len(said)], vectors[len(said) :]
    found: dict[str, float] = {}
    for sentence in spoken:
        alike: dict[str, float] = {}
        for (key, _), vector in zip(lines, known, strict=True):
            alike[key] = max(alike.get(key, -1.0), _likeness(vector, sentence))
        least = max(LIKE.get(language, LIKE["en"]), max(alike.values(), default=1.0) - CLOSE)
        for key, likeness in alike.items():
            if likeness >= least:
                found[key] = max(found.get(key, -1.0), likeness)
    ranked = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    return [Recognised(key, likeness) for key, likeness in ranked]


async def prepare(brief: RoleBrief, embeddings: SentenceEmbeddings, *, language: str = "en") -> None:
    """Have the brief's lines read before the first turn. Raises ProviderError."""
    await embeddings.embed([line for one in brief.reactions for line in one.heard], language=language)


def sentences(text: str) -> list[str]:
    """The sentences of a turn.

    >>> sentences("I know. What is in the way?")
    ['I know.', 'What is in the way?']
    """
    return [sentence for found in _SENTENCE.findall(text) if re.search(r"\w", sentence := found.strip())]


def _likeness(one: Vector, other: Sequence[float]) -> float:
    return sum(left * right for left, right in zip(one, other, strict=True))

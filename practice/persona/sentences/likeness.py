"""How like sentences are to lines that are known: the products of their vectors, all at once. Free of the database."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from coach.providers.ports import SentenceEmbeddings
from practice.persona.sentences.plain_words import unaddressed

NEAREST_SHARE = 0.8
"""What the nearest line counts for; the rest is the mean of all."""


class Likenesses:
    """Of each sentence to each line, from -1 to 1."""

    def __init__(self, found: dict[str, list[float]], places: dict[str, int]) -> None:
        self._found = found
        self._places = places

    @classmethod
    async def read(cls, sentences: Sequence[str], lines: Sequence[str], embeddings: SentenceEmbeddings) -> "Likenesses":
        """Raises ProviderError."""
        asked, known = list(dict.fromkeys(sentences)), list(dict.fromkeys(map(compared, lines)))
        vectors = await embeddings.embed([*asked, *known])
        table = np.asarray(vectors, np.float32)
        # A row at a time: a product of two tables would wake a thread for each core.
        products = {text: (table[len(asked) :] * table[at]).sum(axis=1).tolist() for at, text in enumerate(asked)}
        return cls(products, {line: at for at, line in enumerate(known)})

    def of(self, sentence: str, lines: Sequence[str]) -> list[float]:
        row = self._found[sentence]
        return [row[self._places[compared(line)]] for line in lines]


@lru_cache(maxsize=16_384)
def compared(line: str) -> str:
    """A known line as it is compared: without a form of address, as the trainee's sentences are."""
    return unaddressed(line)


def overall(alike: Sequence[float]) -> float:
    """How like several lines a sentence is, of its likeness to each."""
    return NEAREST_SHARE * max(alike) + (1 - NEAREST_SHARE) * sum(alike) / len(alike)

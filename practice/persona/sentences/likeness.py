"""How like sentences are to lines that are known: the products of their vectors, all at once. Free of the database."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from coach.providers.ports import SentenceEmbeddings
from practice.persona.sentences.plain_words import unaddressed

NEAREST_SHARE = 0.8
"""What the nearest line counts for; the rest is the mean of all."""
TABLES_KEPT = 12
"""Tables of the briefs that are being played and of common talk: 3 MB for a full brief."""


@dataclass(frozen=True)
class KnownLines:
    """The vectors of known lines, a row each, and each line's row. `nearest`: what was asked of them before."""

    table: NDArray[np.float32]
    places: Mapping[str, int]
    nearest: dict[tuple[str, tuple[str, ...]], float] = field(default_factory=dict)


_tables: WeakKeyDictionary[SentenceEmbeddings, OrderedDict[tuple[str, ...], KnownLines]] = WeakKeyDictionary()


async def known_lines(lines: tuple[str, ...], embeddings: SentenceEmbeddings) -> KnownLines:
    """These lines as they are compared; remembered, because a brief has thousands. Raises ProviderError."""
    kept = _tables.setdefault(embeddings, OrderedDict())
    if (found := kept.get(lines)) is None:
        rows = {text: row for row, text in enumerate(dict.fromkeys(map(compared, lines)))}
        table = np.asarray(await embeddings.embed([*rows], lasting=True), np.float32)
        found = kept[lines] = KnownLines(table, {line: rows[compared(line)] for line in lines})
    kept.move_to_end(lines)
    while len(kept) > TABLES_KEPT:
        kept.popitem(last=False)
    return found


class Likenesses:
    """Of each sentence to each line, from -1 to 1."""

    def __init__(
        self, found: Mapping[str, list[float]], places: Mapping[str, int], known: Sequence[KnownLines]
    ) -> None:
        self._found = found
        self._places = places
        self._known = known

    @classmethod
    async def read(
        cls, sentences: Sequence[str], groups: Sequence[tuple[str, ...]], embeddings: SentenceEmbeddings
    ) -> "Likenesses":
        """`groups`: lines that are known, those of a brief and those of every talk. Raises ProviderError."""
        known = [await known_lines(lines, embeddings) for lines in groups]
        asked = list(dict.fromkeys(sentences))
        vectors = np.asarray(await embeddings.embed(asked), np.float32)
        places: dict[str, int] = {}
        begin = 0
        for each in known:
            places |= {line: begin + row for line, row in each.places.items()}
            begin += len(each.table)
        products = {
            # A row at a time: a product of two tables would wake a thread for each core.
            text: [alike for each in known for alike in np.einsum("ij,j->i", each.table, vectors[at]).tolist()]
            for at, text in enumerate(asked)
        }
        return cls(products, places, known)

    def of(self, sentence: str, lines: Sequence[str]) -> list[float]:
        row, places = self._found[sentence], self._places
        return [row[places[line]] for line in lines]

    def nearest(self, line: str, others: tuple[str, ...]) -> float:
        """How like a known line is to the nearest of others of the same group."""
        group = next(each for each in self._known if all(one in each.places for one in (line, *others)))
        if (found := group.nearest.get((line, others))) is None:
            rows = group.table[[group.places[other] for other in others]]
            found = group.nearest[line, others] = float((rows @ group.table[group.places[line]]).max())
        return found


def compared(line: str) -> str:
    """A known line as it is compared: without a form of address, as the trainee's sentences are."""
    return unaddressed(line)


def overall(alike: Sequence[float]) -> float:
    """How like several lines a sentence is, of its likeness to each."""
    return NEAREST_SHARE * max(alike) + (1 - NEAREST_SHARE) * sum(alike) / len(alike)

"""Vectors of the pieces of a turn, each read inside its whole turn and with the line that the turn answers.

multilingual-e5-small with low-rank additions (LoRA) to the matrices of its upper layers, twice: two readers were
trained apart, and what one of them misreads the other often does not. `turn_layers.npz` names and holds the additions
of both. They were trained on exactly the tokens that `laid_out` gives: change neither alone.
"""

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from pathlib import Path

import numpy as np

from coach.local_models.sentence_vectors.bert import Array, Bert
from coach.local_models.sentence_vectors.sentence_encoder import QUERY, MultilingualEncoder, SentenceEncoder

ADDITIONS = Path(__file__).with_name("turn_layers.npz")
KEPT = 2048  # turns, 15 KB each with ten pieces; a talk is read while it goes on and again at its end
BATCH = 4  # turns; more at once take more memory and are no faster
LONGEST = 400  # tokens of a turn, its beginning and prefix included; the model reads up to 512, with the line answered
LONGEST_ANSWERED = 40  # tokens; of a longer line the last ones


@dataclass(frozen=True)
class DividedTurn:
    """`pieces`: (start, end) of characters in `text`, in any order; they may overlap but not be empty.

    `answered`: the line before the turn; "" if there is none.
    """

    text: str
    answered: str
    pieces: tuple[tuple[int, int], ...]


@cache
def layers() -> str:
    """The fingerprint of the additions: detectors fit only the layers they were trained with."""
    return hashlib.sha256(ADDITIONS.read_bytes()).hexdigest()[:16]


class TurnEncoder:
    """Remembers vectors; the additions are merged on first use. `encode` is blocking; one call at a time."""

    def __init__(self, sentences: SentenceEncoder, additions: Path = ADDITIONS) -> None:
        self._sentences, self._additions = sentences, additions
        self._kept: OrderedDict[DividedTurn, tuple[Array, int]] = OrderedDict()
        self._readers: list[Bert] = []

    def encode(self, turns: Sequence[DividedTurn]) -> tuple[list[Array], int]:
        """For each turn the vectors of its pieces, pieces × 768, and how many tokens were read in all.

        A vector has 384 numbers of each reader: the mean of the last layer's states over the piece's tokens, neither
        centred nor of unit length; zeros for a piece that has no token, usually because it lies beyond the limit.
        """
        found = {turn: self._kept[turn] for turn in turns if turn in self._kept}
        for turn in found:
            self._kept.move_to_end(turn)
        unknown = [turn for turn in dict.fromkeys(turns) if turn not in found]
        for first in range(0, len(unknown), BATCH):
            found |= self._read(unknown[first : first + BATCH])
        return [found[turn][0] for turn in turns], sum(found[turn][1] for turn in turns)

    def _read(self, turns: Sequence[DividedTurn]) -> dict[DividedTurn, tuple[Array, int]]:
        encoder = self._sentences.model()
        tokens_of = [laid_out(turn, encoder) for turn in turns]
        batch = [tokens for tokens, _ in tokens_of]
        states = [reader.states(batch) for reader in self._loaded(encoder)]
        found = {
            turn: (np.hstack([_means(read, places) for read in of_each]), len(tokens))
            for turn, (tokens, places), *of_each in zip(turns, tokens_of, *states, strict=True)
        }
        self._kept |= found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _loaded(self, encoder: MultilingualEncoder) -> list[Bert]:
        if not self._readers:
            additions: dict[str, dict[str, Array]] = defaultdict(dict)
            with np.load(self._additions, allow_pickle=False) as file:
                for name in file.files:
                    reader, _, of_layer = name.partition(".")
                    additions[reader][of_layer] = file[name].astype(np.float32)
            self._readers = [encoder.bert.with_additions(additions[reader]) for reader in sorted(additions)]
        return self._readers


def laid_out(turn: DividedTurn, encoder: MultilingualEncoder) -> tuple[list[int], list[slice]]:
    """The token ids of the turn and of the line it answers, and where among them each piece is.

    The text is cut wherever a piece begins or ends, and each stretch is tokenised alone, so that no token belongs to
    two pieces in part.
    """
    # Lone surrogates, which JSON can contain, are not valid text; each becomes one character.
    text, answered = (each.encode("utf-8", "replace").decode() for each in (turn.text, turn.answered))
    begin, end = encoder.ends
    tokens = [begin, *encoder.ids(QUERY)]
    token_at = {0: len(tokens)}  # for each cut, the number of tokens before it
    for start, stop in pairwise(sorted({0, len(text), *chain.from_iterable(turn.pieces)})):
        tokens += encoder.ids(text[start:stop].strip())
        token_at[stop] = len(tokens)
    tokens = tokens[:LONGEST]
    places = [slice(*(min(token_at[cut], LONGEST) for cut in piece)) for piece in turn.pieces]
    tokens.append(end)
    if context := encoder.ids(answered)[-LONGEST_ANSWERED:]:
        tokens += [*context, end]
    return tokens, places


def _means(states: Array, places: Sequence[slice]) -> Array:
    means = np.zeros((len(places), states.shape[1]), np.float32)
    for row, place in zip(means, places, strict=True):
        if place.start < place.stop:
            row[:] = states[place].mean(axis=0)
    return means

"""Vectors of the pieces of a turn, each read inside its whole turn and with the line that the turn answers.

multilingual-e5-small with low-rank additions (LoRA) to the matrices of its upper layers, which `turn_layers.npz` names
and holds. They were trained on exactly the tokens that `_tokens` lays out: change neither alone.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

import numpy as np

from coach.local_models.sentence_vectors.bert import Array, Bert
from coach.local_models.sentence_vectors.sentence_encoder import QUERY, MultilingualEncoder, SentenceEncoder

ADDITIONS = Path(__file__).with_name("turn_layers.npz")
KEPT = 512  # turns, about 15 KB each with ten pieces; a talk is read while it goes on and again at its end
BATCH = 4  # turns; more at once take more memory and are no faster
LONGEST = 152  # tokens of a turn, its beginning and prefix included
LONGEST_ANSWERED = 40  # tokens; of a longer line the last ones


@dataclass(frozen=True)
class DividedTurn:
    """`pieces`: (start, end) of characters in `text`, in any order; they may overlap but not be empty.

    `answered`: the line before the turn; "" if there is none.
    """

    text: str
    answered: str
    pieces: tuple[tuple[int, int], ...]


class TurnEncoder:
    """Remembers vectors; the additions are merged on first use. `encode` is blocking; one call at a time."""

    def __init__(self, sentences: SentenceEncoder, additions: Path = ADDITIONS) -> None:
        self._sentences, self._additions = sentences, additions
        self._kept: OrderedDict[DividedTurn, tuple[Array, int]] = OrderedDict()
        self._bert: Bert | None = None

    def encode(self, turns: Sequence[DividedTurn]) -> tuple[list[Array], int]:
        """For each turn the vectors of its pieces, pieces × 384, and how many tokens were read in all.

        A vector is the mean of the last layer's states over the piece's tokens, neither centred nor of unit length. A
        piece that has no token, usually because it lies beyond the limit, gets the mean over the whole turn's.
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
        laid_out = [_tokens(turn, encoder) for turn in turns]
        states = self._merged(encoder).states([tokens for tokens, _ in laid_out])
        found = {
            turn: (_means(read, places), len(tokens))
            for turn, read, (tokens, places) in zip(turns, states, laid_out, strict=True)
        }
        self._kept |= found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _merged(self, encoder: MultilingualEncoder) -> Bert:
        if self._bert is None:
            with np.load(self._additions, allow_pickle=False) as file:
                additions = {name: file[name].astype(np.float32) for name in file.files}
            self._bert = encoder.bert.with_additions(additions)
        return self._bert


def _tokens(turn: DividedTurn, encoder: MultilingualEncoder) -> tuple[list[int], list[slice]]:
    """The token ids of the turn and of the line it answers, and where among them each piece is.

    The text is cut wherever a piece begins or ends, and each stretch is tokenised alone, so that no token belongs to
    two pieces in part.
    """
    # Lone surrogates, which JSON can contain, are not valid text; each becomes one character.
    text, answered = (each.encode("utf-8", "replace").decode() for each in (turn.text, turn.answered))
    begin, end = encoder.ends
    tokens = [begin, *encoder.ids(QUERY)]
    words = len(tokens)
    token_at = {0: words}  # for each cut, the number of tokens before it
    for start, stop in pairwise(sorted({0, len(text), *chain.from_iterable(turn.pieces)})):
        tokens += encoder.ids(text[start:stop].strip())
        token_at[stop] = len(tokens)
    tokens = tokens[:LONGEST]
    # A turn of which nothing can be read, for example blanks, still has its beginning and prefix.
    whole = slice(words if len(tokens) > words else 0, len(tokens))
    places = [slice(*(min(token_at[cut], LONGEST) for cut in piece)) for piece in turn.pieces]
    tokens.append(end)
    if context := encoder.ids(answered)[-LONGEST_ANSWERED:]:
        tokens += [*context, end]
    return tokens, [place if place.start < place.stop else whole for place in places]


def _means(states: Array, places: Sequence[slice]) -> Array:
    means = np.empty((len(places), states.shape[1]), np.float32)
    for row, place in zip(means, places, strict=True):
        row[:] = states[place].mean(axis=0)
    return means

"""A BERT sentence encoder in plain numpy.

The texts of a batch lie one after the other in one matrix, and attention looks at one text at a time: no padding, no
mask, and the same numbers as for each text alone. Sixteen texts at once take a quarter of the time of sixteen texts one
by one.

Weights have the names of Hugging Face's `BertModel`, as published.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

HEADS = 12
EPSILON = np.float32(1e-12)


class Bert:
    """`words` gives one row of word embeddings for each token id."""

    def __init__(self, weights: Mapping[str, Array], words: Callable[[list[int]], Array]) -> None:
        self.weights = weights
        self.words = words
        self._layers = 0
        while f"encoder.layer.{self._layers}.output.dense.weight" in weights:
            self._layers += 1

    def embed(self, batch: Sequence[list[int]]) -> list[Array]:
        """For each text the mean of the last layer's states, as a unit vector. Every text must have a token."""
        return [unit(states.mean(axis=0)) for states in self.states(batch)]

    def states(self, batch: Sequence[list[int]]) -> list[Array]:
        """For each text the last layer's states, tokens × width."""
        cuts = [0, *np.cumsum([len(ids) for ids in batch]).tolist()]
        texts = [slice(*ends) for ends in pairwise(cuts)]
        places = self.weights["embeddings.position_embeddings.weight"]
        first_segment = self.weights["embeddings.token_type_embeddings.weight"][0]
        read = np.concatenate([self.words(ids) + places[: len(ids)] for ids in batch])
        states = self._normed(read + first_segment, "embeddings.LayerNorm")
        for layer in range(self._layers):
            name = f"encoder.layer.{layer}"
            attended = self._linear(
                self._attention(states, texts, f"{name}.attention.self"), f"{name}.attention.output.dense"
            )
            states = self._normed(states + attended, f"{name}.attention.output.LayerNorm")
            inner = _gelu(self._linear(states, f"{name}.intermediate.dense"))
            states = self._normed(states + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return [states[text] for text in texts]

    def with_additions(self, additions: Mapping[str, Array]) -> "Bert":
        """A model with W + B·A for each matrix that `additions` names (LoRA); it shares all other arrays with this one.

        `additions`: `NAME.a` (rank × in) and `NAME.b` (out × rank), NAME.weight being the matrix. Raises ValueError if
        they do not fit this model.
        """
        merged = dict(self.weights)
        for name in {each.rpartition(".")[0] for each in additions}:
            try:
                plain, product = merged[f"{name}.weight"], additions[f"{name}.b"] @ additions[f"{name}.a"]
            except KeyError as missing:
                raise ValueError(f"{missing} is missing") from missing
            if product.shape != plain.shape:
                raise ValueError(f"the additions to {name} are {product.shape}, its weights {plain.shape}")
            merged[f"{name}.weight"] = plain + product
        return Bert(merged, self.words)

    def _attention(self, states: Array, texts: Sequence[slice], name: str) -> Array:
        query, key, value = (self._linear(states, f"{name}.{part}") for part in ("query", "key", "value"))
        return np.concatenate([_attended(query[text], key[text], value[text]) for text in texts])

    def _linear(self, states: Array, name: str) -> Array:
        return states @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _normed(self, states: Array, name: str) -> Array:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
        return centred / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def _attended(query: Array, key: Array, value: Array) -> Array:
    count, width = query.shape
    query, key, value = (each.reshape(count, HEADS, width // HEADS).transpose(1, 0, 2) for each in (query, key, value))
    scores = query @ key.transpose(0, 2, 1) / np.float32(math.sqrt(width // HEADS))
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return (shares @ value).transpose(1, 0, 2).reshape(count, width)


def unit(vector: Array) -> Array:
    return vector / np.float32(np.linalg.norm(vector))


def _gelu(values: Array) -> Array:
    """x/2 (1 + erf(x/√2)), with erf as in Abramowitz and Stegun 7.1.26 (error under 1.5e-7)."""
    scaled = np.abs(values) / np.float32(math.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * scaled)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(values) * (1 - series * np.exp(-scaled * scaled))
    return np.asarray(values * (1 + erf) / 2, np.float32)

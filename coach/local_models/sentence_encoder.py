"""Sentence embeddings: all-MiniLM-L6-v2, a small BERT, run in plain numpy.

7 ms a sentence on one core and the published model's own numbers; a runtime with a format of its own would first need
the weights converted (decision 0017).
"""

import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

FOLDER = "minilm"
HEADS = 12
LONGEST = 256  # tokens: what the model was published for
EPSILON = 1e-12


class SentenceEncoder:
    """Reads the weights when it is first needed; `encode` is blocking and safe from several threads."""

    def __init__(self, models: Path) -> None:
        self._folder = models / FOLDER
        self._lock = threading.Lock()
        self._weights: dict[str, Array] = {}
        self._tokenizer: Any = None

    def load(self) -> None:
        with self._lock:
            if self._tokenizer is not None:
                return
            from safetensors.numpy import load_file
            from tokenizers import Tokenizer

            self._weights = load_file(self._folder / "model.safetensors")
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            tokenizer.no_padding()
            tokenizer.enable_truncation(LONGEST)
            self._tokenizer = tokenizer

    def encode(self, texts: Sequence[str]) -> tuple[Array, int]:
        """One unit vector of 384 numbers a text, and how many tokens were read."""
        self.load()
        # Lone surrogates, which JSON can carry, are no text.
        tokens = [self._tokenizer.encode(text.encode("utf-8", "replace").decode()).ids for text in texts]
        return np.stack([self._embed(ids) for ids in tokens]), sum(map(len, tokens))

    def _embed(self, ids: list[int]) -> Array:
        """One text at a time: no padding, so no mask."""
        words, places = self._weights["embeddings.word_embeddings.weight"], "embeddings.position_embeddings.weight"
        first_segment = self._weights["embeddings.token_type_embeddings.weight"][0]
        states = self._normed(words[ids] + self._weights[places][: len(ids)] + first_segment, "embeddings.LayerNorm")
        layer = 0
        while (name := f"encoder.layer.{layer}") + ".output.dense.weight" in self._weights:
            attended = self._linear(self._attention(states, f"{name}.attention.self"), f"{name}.attention.output.dense")
            states = self._normed(states + attended, f"{name}.attention.output.LayerNorm")
            inner = _gelu(self._linear(states, f"{name}.intermediate.dense"))
            states = self._normed(states + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
            layer += 1
        mean = states.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _attention(self, states: Array, name: str) -> Array:
        count, width = states.shape
        query, key, value = (
            self._linear(states, f"{name}.{part}").reshape(count, HEADS, width // HEADS).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.float32(math.sqrt(width // HEADS))
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return (shares @ value).transpose(1, 0, 2).reshape(count, width)

    def _linear(self, states: Array, name: str) -> Array:
        return states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normed(self, states: Array, name: str) -> Array:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(EPSILON))
        return centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _gelu(values: Array) -> Array:
    """x/2 (1 + erf(x/√2)), with erf as in Abramowitz and Stegun 7.1.26 (error under 1.5e-7)."""
    scaled = np.abs(values) / np.float32(math.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * scaled)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(values) * (1 - series * np.exp(-scaled * scaled))
    return np.asarray(values * (1 + erf) / 2, np.float32)

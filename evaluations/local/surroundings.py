"""Describes in numbers where in a conversation something is said. Pure.

The numbers say what it answers, what it repeats and how far along the talk is.

“Takes up an answer” or “repeats a no” cannot be recognised from a sentence alone. A number near 0 means little.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluations.local import cues
from evaluations.local.examples import Vector, likeness
from evaluations.transcript import word_matching

COUNT = 8
UNKNOWN = (0.0,) * COUNT
FIRST = 3
"""The place of the number that says whether it is the trainee's first turn."""
SHORT_WORD = 3
"""English words of up to this many letters are mostly grammar."""
HAN_FROM = "\u2e80"
"""The first character of the scripts in which a word has one or two characters."""


@dataclass(frozen=True)
class Surroundings:
    """The surroundings of one trainee turn.

    `answered`: the other person's preceding turn, with its vector; `earlier`: vectors of the trainee's sentences in
    earlier turns.
    """

    answered: str
    answered_vector: Vector
    earlier: Sequence[Vector]
    first: bool
    last: bool
    language: str

    def of(self, piece: str, vector: Vector) -> tuple[float, ...]:
        """COUNT numbers, roughly from -1 to 1."""
        own = max((likeness(vector, each) for each in self.earlier), default=0.0)
        words = _words(piece)
        shared = len(words & _words(self.answered)) / max(1, len(words))
        before = cues.of(self.answered, language=self.language)
        return (
            (likeness(vector, self.answered_vector) - 0.15) * 4,
            shared * 2 - 0.2,
            (own - 0.2) * 3 if self.earlier else 0.0,
            0.6 if self.first else -0.2,
            0.6 if self.last else -0.3,
            0.5 if "question" in before else -0.3,
            0.5 if "exclamation" in before else -0.2,
            0.5 if before & {"own feeling", "self-talk"} else -0.2,
        )


def is_first(around: Sequence[float]) -> bool:
    """Whether a piece with these surroundings is of the trainee's first turn."""
    return around[FIRST] > 0


def _words(text: str) -> set[str]:
    return {word for word in word_matching.tokens(text) if len(word) > SHORT_WORD or word > HAN_FROM}

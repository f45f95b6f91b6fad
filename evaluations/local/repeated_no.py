"""Recognises a no that is said again: the second plain no of a talk repeats the first, in whatever words. Pure.

“一万也借不了，哥。” says nothing of repeating. It repeats because a no was said before it, and the other person asked
again.
"""

from collections.abc import Sequence

from evaluations.local.showing import SpokenPiece

NO, AGAIN = "says-no-plainly", "repeats-it-calmly"
"""Keys of shipped behaviours of the same skill."""
SAID_BEFORE = 1.0
"""What an earlier no adds to the log-odds that a plain no repeats it."""
PLAINLY = 0.5
"""How far above its bound the second no must be."""


def raised(again: Sequence[float], no: Sequence[float], least: float, pieces: Sequence[SpokenPiece]) -> list[float]:
    """The log-odds of repeating, piece by piece. `no`: those of saying it plainly; `least`: their bound."""
    said_at = [piece.sequence for piece, odds in zip(pieces, no, strict=True) if odds >= least]
    first = min(said_at, default=None)
    return [
        odds + SAID_BEFORE if first is not None and plainly >= least + PLAINLY and piece.sequence > first else odds
        for piece, odds, plainly in zip(pieces, again, no, strict=True)
    ]

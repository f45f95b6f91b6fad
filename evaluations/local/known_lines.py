"""Known lines of what to avoid: how much more a piece is like them than like any other known line. Pure.

A detector draws one straight line between what shows a behaviour and what does not; the nearest known lines tell apart
what lies on both sides of it. `scripts/bench/fit_likeness` collects the lines and stores them in `known_lines.bin`: a
header in JSON, then for each main direction and each line one byte a number, and for each line eight bytes that say
which behaviours it shows.
"""

import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nlargest
from itertools import compress
from math import sqrt
from operator import mul, not_
from pathlib import Path

from evaluations.local.examples import Vector

FILE = Path(__file__).with_name("known_lines.bin")
NEAREST = 4
"""How many lines of each kind a piece is compared with: one alone may be like it by chance."""


@dataclass(frozen=True)
class KnownLines:
    """`places`: each key's bit in `shown`; `usual`: mean and spread of the likeness in talks that do not show it."""

    places: Mapping[str, int]
    usual: Mapping[str, Sequence[float]]
    mean: Sequence[float]
    directions: Sequence[Sequence[int]]
    lines: Sequence[Sequence[int]]
    lengths: Sequence[float]
    shown: Sequence[int]

    def likeness(self, key: str, vector: Vector) -> float:
        """How much more the piece is like lines that show the behaviour, in spreads beyond what is usual."""
        return self.likeness_of(key, self.angles(vector))

    def angles(self, vector: Vector) -> Sequence[float]:
        """The cosine of the angle between the piece and each line."""
        middle = [one - mean for one, mean in zip(vector, self.mean, strict=True)]
        place = [sum(map(mul, middle, direction)) for direction in self.directions]
        length = sqrt(sum(map(mul, place, place))) or 1.0
        pairs = zip(self.lines, self.lengths, strict=True)
        return array("f", [sum(map(mul, place, line)) / (length * size) for line, size in pairs])

    def likeness_of(self, key: str, angles: Sequence[float]) -> float:
        """`likeness` of a piece whose `angles` are known."""
        bit = 1 << self.places[key]
        shows = [shown & bit for shown in self.shown]
        near = nlargest(NEAREST, compress(angles, shows))
        far = nlargest(NEAREST, compress(angles, map(not_, shows)))
        mean, spread = self.usual[key]
        return (sum(near) / NEAREST - sum(far) / NEAREST - mean) / spread


@lru_cache(maxsize=1024)
def likeness(key: str, vector: tuple[float, ...]) -> float:
    """The same, of the shipped lines; `vector` as a tuple, because a piece is asked about more than once."""
    return shipped().likeness_of(key, _angles(vector))


@lru_cache(maxsize=128)
def _angles(vector: tuple[float, ...]) -> Sequence[float]:
    return shipped().angles(vector)


@cache
def shipped() -> KnownLines:
    """The lines in `known_lines.bin`; read once."""
    head, _, rest = FILE.read_bytes().partition(b"\n")
    told = json.loads(head)
    size, count = told["directions"], told["lines"]
    width = len(told["mean"])
    directions = [array("b", rest[at * width : (at + 1) * width]) for at in range(size)]
    begins = size * width
    lines = [array("b", rest[begins + at * size : begins + (at + 1) * size]) for at in range(count)]
    shown = rest[begins + count * size :]
    return KnownLines(
        places={key: at for at, key in enumerate(told["usual"])},
        usual=told["usual"],
        mean=told["mean"],
        directions=directions,
        lines=lines,
        lengths=[sqrt(sum(map(mul, line, line))) or 1.0 for line in lines],
        shown=[int.from_bytes(shown[8 * at : 8 * at + 8], "big") for at in range(count)],
    )


def write(
    *,
    keys: Sequence[str],
    mean: Sequence[float],
    directions: Sequence[Sequence[float]],
    lines: Sequence[Sequence[float]],
    shown: Sequence[int],
    usual: Mapping[str, Sequence[float]],
) -> None:
    """Store them. `directions` and `lines` are rows of numbers; only their proportions are kept."""
    head = {
        "directions": len(directions),
        "lines": len(lines),
        "mean": [round(one, 5) for one in mean],
        "usual": {key: usual[key] for key in keys},
    }
    # Every direction by the same factor, and every line by its own: likeness is an angle.
    largest = max(abs(one) for row in directions for one in row)
    parts = [_bytes(row, largest) for row in directions]
    parts += [_bytes(row, max(map(abs, row))) for row in lines]
    parts += [each.to_bytes(8, "big") for each in shown]
    FILE.write_bytes(json.dumps(head).encode() + b"\n" + b"".join(parts))


def _bytes(row: Sequence[float], largest: float) -> bytes:
    return array("b", [round(127 * one / largest) for one in row]).tobytes()

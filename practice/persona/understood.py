"""What a trainee's turn was understood to call for. Independent of the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Recognised:
    """A recognised reaction; `likeness` is from -1 to 1."""

    key: str
    likeness: float


@dataclass(frozen=True)
class Understood:
    """`reactions` that the turn calls for, most likely first. `aside`: the kind of common talk at its end.

    `fits`: how well each line that the persona could say answers the turn, from -1 to 1.
    """

    reactions: tuple[Recognised, ...] = ()
    aside: str = ""
    fits: Mapping[str, float] = field(default_factory=dict)

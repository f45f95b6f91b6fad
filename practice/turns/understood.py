"""What a trainee's turn was understood to call for. Independent of the database."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recognised:
    """A recognised reaction; `likeness` is from -1 to 1."""

    key: str
    likeness: float


@dataclass(frozen=True)
class Understood:
    """`reactions` that the turn calls for, most likely first. `aside`: the kind of common talk at its end."""

    reactions: tuple[Recognised, ...] = ()
    aside: str = ""

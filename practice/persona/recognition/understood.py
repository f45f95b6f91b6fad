"""What a trainee's turn was understood to call for. Independent of the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from practice.persona.brief.role_brief import Fact


@dataclass(frozen=True)
class Recognised:
    """A recognised reaction; `likeness` is from -1 to 1."""

    key: str
    likeness: float


@dataclass(frozen=True)
class Understood:
    """`reactions` that the turn calls for, most likely first. `aside`: the kind of common talk at its end.

    `facts`: what it asks for that the persona knows and may tell, in the order it was asked; `asked_last`: whether the
    last sentence asks for one of them. `wants_answer`: the reactions that a question at its end and its proposals call
    for. `said_at`: the place in the turn of what called for each reaction. `fits`: how well each line that the persona
    could say answers the turn, from -1 to 1. `near`: a few facts that may be told, those nearest to what was said.
    """

    reactions: tuple[Recognised, ...] = ()
    aside: str = ""
    facts: tuple[Fact, ...] = ()
    asked_last: bool = False
    wants_answer: tuple[str, ...] = ()
    said_at: Mapping[str, int] = field(default_factory=dict)
    fits: Mapping[str, float] = field(default_factory=dict)
    near: tuple[Fact, ...] = ()

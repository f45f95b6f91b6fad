"""What the difficulty chosen beside Start changes: how much trust reactions need, the trust at the start, and whether
hints are given.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Shift:
    """`needs` is added to every `needs.trust` of the brief, `start` to the trust at the start."""

    needs: int
    start: int


SHIFTS: Mapping[str, Shift] = {"gentle": Shift(-1, 0), "realistic": Shift(0, 0), "tough": Shift(1, -1)}


def hints_given(difficulty: str) -> bool:
    """Whether the trainee may ask for hints at this difficulty."""
    return difficulty != "tough"

"""The results of a pull, class by class, and who is told about them."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class PullCount:
    """The results for one class. `unread`: why it could not be read completely."""

    class_name: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    newer_here: int = 0
    erased_here: int = 0
    broken: int = 0
    recordings: int = 0
    unread: str = ""

    @property
    def seen(self) -> int:
        return self.created + self.updated + self.unchanged + self.newer_here + self.erased_here + self.broken


Progress = Callable[[PullCount], None]
Report = Callable[[str], None]
"""Takes one sentence for the operator."""

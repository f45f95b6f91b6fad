"""The other person's state: trust, what has happened, what was said. Pure. `role_rules` changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class RoleState:
    """`happened`: reaction → the sequences of the trainee's turns that called for it. `met`: end criterion → sequence.

    Sequence 0 means that it happened in the session that this one continues. `said`: lines in the order they were said.
    `refused`: reactions that were called for while they were locked, and have not happened since.
    `ended`: the reaction that ended the talk, empty while it goes on.
    """

    trust: int
    difficulty: str = "realistic"
    happened: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    met: Mapping[int, int] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    ended: str = ""

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "trust": self.trust,
            "difficulty": self.difficulty,
            "happened": {key: list(at) for key, at in self.happened.items()},
            "met": {str(number): at for number, at in self.met.items()},
            "said": list(self.said),
            "refused": list(self.refused),
            "ended": self.ended,
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "RoleState":
        return cls(
            trust=stored["trust"],
            difficulty=stored["difficulty"],
            happened={key: tuple(at) for key, at in stored["happened"].items()},
            met={int(number): at for number, at in stored["met"].items()},
            said=tuple(stored["said"]),
            refused=tuple(stored.get("refused", ())),  # older turns do not have it
            ended=stored["ended"],
        )

    def carried_over(self, difficulty: str) -> "RoleState":
        """The state for a session that continues another one and numbers its turns anew."""
        return replace(
            self,
            difficulty=difficulty,
            happened=dict.fromkeys(self.happened, (0,)),
            met=dict.fromkeys(self.met, 0),
        )

"""Bring a whole LeanCloud app here: records in the order of their references, then the bytes of their audio.

Runs again at no cost: what has not changed over there since is left alone, so a pull that was killed goes on where it
was. An object that cannot become a record is reported and never stops the others; what of an object cannot be read is
reported and never stops the rest of it. In memory are one page of objects and some recordings, however large the app.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from coach.leancloud.intake import PAGE, ClassIntake, Intake
from coach.leancloud.recordings import Files
from coach.leancloud.records import classes
from coach.leancloud.refs import StoredRefs
from coach.leancloud.wire import LeanCloudError, LeanCloudRefused

GIVE_UP_AFTER = 2
"""Classes in a row of which nothing could be read: then the service is away."""


class Objects(Files, Protocol):
    """Where objects come from: the service itself, or an export of it."""

    def scan(self, class_name: str, *, page: int = 500) -> Iterator[list[Any]]:
        """Dictionaries; something else, or Unreadable, in the place of an object that is damaged."""

    def found(self, class_name: str) -> list[str]:
        """What holds the objects of a class, by name; empty where nothing does."""

    def where(self, class_names: Iterable[str]) -> str:
        """Where classes were looked for, for the operator."""


@dataclass
class PullCount:
    """What became of one class. `unread`: why not all of it could be read."""

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


def pull(
    source: Objects, *, report: Report, force: bool = False, progress: Progress = lambda count: None
) -> list[PullCount]:
    """Everything of every class; `force` overwrites records that are newer here.

    A class that cannot be read to its end is `unread`, the others are brought all the same. Raises LeanCloudError
    where the app's keys are refused or LeanCloud is away.
    """
    erased: set[tuple[str, str]] = set()
    shared = Intake(source, StoredRefs(absent=erased), report, progress, force, erased)
    counts: list[PullCount] = []
    in_a_row = 0
    for kind in classes():
        count = PullCount(kind.name)
        counts.append(count)
        intake = ClassIntake(kind, count, shared)
        try:
            for page in source.scan(kind.name, page=PAGE):
                intake.take(page)
                progress(count)
            in_a_row = 0
        except LeanCloudError as error:
            in_a_row = 0 if count.seen else in_a_row + 1
            if (isinstance(error, LeanCloudRefused) and error.of_the_app) or in_a_row == GIVE_UP_AFTER:
                raise
            count.unread = str(error)
            report(f"{kind.name}: cannot be read to its end ({error})")
        intake.take_what_waits()
        progress(count)
    return counts

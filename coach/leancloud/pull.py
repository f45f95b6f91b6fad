"""Pull a whole LeanCloud app into the local database, records first, then their recordings.

Repeatable: unchanged objects are skipped, so a killed pull continues where it stopped. An object that cannot become a
record is reported and does not stop the others; a field that cannot be read is reported and does not stop the rest of
its object. Memory holds one page of objects and a few recordings, whatever the size of the app.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from coach.leancloud.intake import PAGE, ClassIntake, Intake
from coach.leancloud.pull_count import Progress, PullCount, Report
from coach.leancloud.recordings import Files
from coach.leancloud.records import classes
from coach.leancloud.refs import StoredRefs
from coach.leancloud.wire import LeanCloudError, LeanCloudRefused

GIVE_UP_AFTER = 2
"""After this many unreadable classes in a row, the service is considered down."""


class Objects(Files, Protocol):
    """A source of objects: the service itself or an export."""

    def scan(self, class_name: str, *, page: int = 500) -> Iterator[list[Any]]:
        """Pages of dictionaries. A damaged object is returned as Unreadable or as whatever it is."""

    def found(self, class_name: str) -> list[str]:
        """Names of whatever holds the objects of a class; empty if nothing does."""

    def where(self, class_names: Iterable[str]) -> str:
        """Where the classes were looked for, as a sentence for the operator."""


def pull(
    source: Objects, *, report: Report, force: bool = False, progress: Progress = lambda count: None
) -> list[PullCount]:
    """Pull every class. `force` overwrites records that are newer here.

    A class that cannot be read completely is marked `unread`; the others are still pulled. Raises LeanCloudError if the
    keys are refused or LeanCloud is down.
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

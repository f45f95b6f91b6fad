"""`manage.py leancloud pull | push | verify`: copy data out of or into LeanCloud, and prove that nothing is missing."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from coach import clock
from coach.config import config
from coach.leancloud import verify
from coach.leancloud.app import PATIENT_TRIES, client
from coach.leancloud.console_export import ConsoleExport, ExportUnreadable
from coach.leancloud.pull import Objects, pull
from coach.leancloud.pull_count import PullCount
from coach.leancloud.push import push
from coach.leancloud.records import classes
from coach.leancloud.wire import LeanCloudError

DIFFERENT = 1
CANNOT_COMPARE = 2
INTERRUPTED = 130
# Between two lines of progress if the output is a file.
QUIET_SECONDS = 10.0


class Command(BaseCommand):
    help = "Bring records and audio from LeanCloud here (pull), from here there (push), or compare both (verify)."

    _shown_at = 0.0

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        pulling = actions.add_parser("pull", help="bring everything here; run it again after an interruption")
        pulling.add_argument("--force", action="store_true", help="overwrite records that are newer here")
        pulling.add_argument("--from-export", type=Path, metavar="PATH", help="read the console's JSON export instead")
        actions.add_parser("push", help="bring everything there; run it again after an interruption")
        verifying = actions.add_parser("verify", help="list every difference; exit 0 none, 1 some, 2 could not compare")
        verifying.add_argument("--from-export", type=Path, metavar="PATH", help="compare with the JSON export")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            if action == "pull":
                self._pull(_source(options["from_export"]), force=options["force"])
            elif action == "push":
                self._push()
            else:
                self._verify(_source(options["from_export"]))
        except (LeanCloudError, ExportUnreadable) as error:
            raise CommandError(f"{error}. Nothing is lost: run it again.", returncode=CANNOT_COMPARE) from None
        except (OperationalError, OSError) as error:
            words = f"The database or the disk here does not take part ({error}). What is done is kept: run it again."
            raise CommandError(words, returncode=CANNOT_COMPARE) from None
        except KeyboardInterrupt:
            raise CommandError("Interrupted. What is done is kept: run it again.", returncode=INTERRUPTED) from None

    def _pull(self, source: Objects, *, force: bool) -> None:
        counts = pull(source, report=self.stderr.write, force=force, progress=self._progress)
        for count in counts:
            self.stdout.write(_summary(count))
        if unread := [count.class_name for count in counts if count.unread]:
            words = f"LeanCloud could not be read to the end: {', '.join(unread)}. What came is kept: run it again."
            raise CommandError(words, returncode=CANNOT_COMPARE)
        if not any(count.seen for count in counts):
            raise CommandError(f"Nothing to pull. {_where(source)}.", returncode=CANNOT_COMPARE)
        self._name_classes_without_source(source)
        if broken := sum(count.broken for count in counts):
            words = f"Pull complete, but {broken} objects or recordings could not be taken over as they are: see above."
            raise CommandError(words, returncode=DIFFERENT)
        self.stdout.write("Pull complete. Next: manage.py leancloud verify")

    def _push(self) -> None:
        _require_settings()
        totals: dict[str, int] = {}

        def progress(what: str, count: int) -> None:
            totals[what] = totals.get(what, 0) + count
            self._show(f"{what}: {totals[what]}")

        left = push(client(PATIENT_TRIES), clock=clock.now, progress=progress, report=self.stderr.write)
        self.stdout.write(f"\n{totals.get('recordings', 0)} recordings, {totals.get('records', 0)} records delivered")
        if left:
            words = (
                f"{left} records or recordings could not be delivered yet: run it again, or see the operator's page."
            )
            raise CommandError(words)
        self.stdout.write("Push complete. Next: manage.py leancloud verify")

    def _verify(self, source: Objects) -> None:
        if not any(source.found(kind.name) for kind in classes()):
            raise CommandError(f"Nothing to compare with. {_where(source)}.", returncode=CANNOT_COMPARE)
        found, comparison = 0, verify.Comparison()
        for difference in verify.differences(source, comparison=comparison, progress=self._verify_progress):
            found += 1
            self.stdout.write(difference)
        compared = sum(comparison.compared.values())
        for place in comparison.unread:
            self.stderr.write(place)
        if comparison.unread:
            words = f"Not everything could be compared: see above. {compared} objects were, with {found} differences."
            raise CommandError(words, returncode=CANNOT_COMPARE)
        if found:
            raise CommandError(f"{found} differences.", returncode=DIFFERENT)
        if not compared:
            raise CommandError(f"Nothing was compared. {_where(source)}.", returncode=CANNOT_COMPARE)
        self._name_classes_without_source(source)
        self.stdout.write(f"No differences. {compared} objects were compared.")

    def _name_classes_without_source(self, source: Objects) -> None:
        if missing := [kind.name for kind in classes() if not source.found(kind.name)]:
            self.stderr.write(f"Not there, so neither brought nor compared: {', '.join(missing)}.")

    def _progress(self, count: PullCount) -> None:
        self._show(_summary(count))

    def _verify_progress(self, class_name: str, count: int) -> None:
        self._show(f"{class_name}: {count} compared")

    def _show(self, line: str) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\r\x1b[K{line}", ending="")
            self.stdout.flush()
        elif time.monotonic() - self._shown_at >= QUIET_SECONDS:
            self._shown_at = time.monotonic()
            self.stdout.write(line)
            self.stdout.flush()


def _source(export: Path | None) -> Objects:
    if export is not None:
        return ConsoleExport(export)
    _require_settings()
    return client(PATIENT_TRIES)


def _where(source: Objects) -> str:
    return source.where([kind.name for kind in classes()])


def _require_settings() -> None:
    if not config.lean_configured:
        raise CommandError("LEAN_APP_ID, LEAN_APP_KEY, LEAN_MASTER_KEY and LEAN_SERVER_URL are not set.", returncode=2)


def _summary(count: PullCount) -> str:
    erased = f", {count.erased_here} erased here" if count.erased_here else ""
    return (
        f"{count.class_name}: {count.created} created, {count.updated} updated, {count.unchanged} unchanged, "
        f"{count.newer_here} newer here, {count.broken} broken, {count.recordings} recordings{erased}"
    )

"""`manage.py leancloud pull | push | verify`: into LeanCloud, out of it, and the proof that nothing is missing."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coach import clock
from coach.config import config
from coach.storage.leancloud import verify
from coach.storage.leancloud.app import PATIENT_TRIES, client
from coach.storage.leancloud.client import LeanCloudError
from coach.storage.leancloud.export import ConsoleExport, ExportUnreadable
from coach.storage.leancloud.pull import Objects, Tally, pull
from coach.storage.leancloud.push import push

CANNOT_COMPARE = 2
INTERRUPTED = 130
# Between two lines of progress where they go to a file.
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
        except KeyboardInterrupt:
            raise CommandError("Interrupted. What is done is kept: run it again.", returncode=INTERRUPTED) from None

    def _pull(self, source: Objects, *, force: bool) -> None:
        tallies = pull(source, report=self.stderr.write, force=force, progress=self._progress)
        for tally in tallies:
            self.stdout.write(_summary(tally))
        broken = sum(tally.broken for tally in tallies)
        if broken:
            raise CommandError(f"Pull complete, but {broken} objects or recordings could not be taken over: see above.")
        self.stdout.write("Pull complete. Next: manage.py leancloud verify")

    def _push(self) -> None:
        _require_settings()
        totals: dict[str, int] = {}

        def progress(what: str, count: int) -> None:
            totals[what] = totals.get(what, 0) + count
            self._show(f"{what}: {totals[what]}")

        left = push(client(PATIENT_TRIES), clock=clock.now, progress=progress)
        self.stdout.write(f"\n{totals.get('recordings', 0)} recordings, {totals.get('records', 0)} records delivered")
        if left:
            raise CommandError(f"{left} records could not be delivered yet: run it again, or see the operator's page.")
        self.stdout.write("Push complete. Next: manage.py leancloud verify")

    def _verify(self, source: Objects) -> None:
        found = 0
        for difference in verify.differences(source, progress=self._verify_progress):
            found += 1
            self.stdout.write(difference)
        if found:
            raise CommandError(f"{found} differences.", returncode=1)
        self.stdout.write("No differences.")

    def _progress(self, tally: Tally) -> None:
        self._show(_summary(tally))

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


def _require_settings() -> None:
    if not config.lean_configured:
        raise CommandError("LEAN_APP_ID, LEAN_APP_KEY, LEAN_MASTER_KEY and LEAN_SERVER_URL are not set.", returncode=2)


def _summary(tally: Tally) -> str:
    return (
        f"{tally.class_name}: {tally.created} created, {tally.updated} updated, {tally.unchanged} unchanged, "
        f"{tally.newer_here} newer here, {tally.broken} broken, {tally.recordings} recordings"
    )

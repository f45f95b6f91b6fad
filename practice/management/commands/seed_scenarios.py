"""`manage.py seed_scenarios`: import skills and scenarios (format: seed-data/README.md)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from practice.seed_data.seeding import Report, SeedRefused, seed_if_empty, seed_paths


class Command(BaseCommand):
    help = (
        "Import skills and scenarios from JSON files (their format: seed-data/README.md). Everything is checked "
        "first; then all of it is written, or nothing. Records are found again by externalId; running it twice "
        "changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--skills", type=Path, metavar="FILE", help="a list of skills")
        parser.add_argument("--scenarios", type=Path, metavar="FILE", help="a list of scenarios")
        parser.add_argument("--dry-run", action="store_true", help="check and report, write nothing")
        parser.add_argument(
            "--if-empty", action="store_true", help="import the shipped library, and only into an empty catalog"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        skills, scenarios = options["skills"], options["scenarios"]
        if options["if_empty"]:
            if skills or scenarios or options["dry_run"]:
                raise CommandError("--if-empty imports the shipped files: leave the other options out.")
            self._import_if_empty()
            return
        if not skills and not scenarios:
            raise CommandError("Give --skills FILE, --scenarios FILE or both.")
        self._show(_or_refuse(lambda: seed_paths(skills, scenarios, dry_run=options["dry_run"])))
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")

    def _import_if_empty(self) -> None:
        report = _or_refuse(seed_if_empty)
        if report is None:
            self.stdout.write("The catalog is not empty: left as it is.")
        else:
            self._show(report)

    def _show(self, report: Report) -> None:
        for change in report.changes:
            self.stdout.write(str(change))
        self.stdout.write(str(report))


ResultT = TypeVar("ResultT")


def _or_refuse(run: Callable[[], ResultT]) -> ResultT:
    """Return what `run` returns; a refusal becomes the command's error message and exit status 1."""
    try:
        return run()
    except SeedRefused as refusal:
        count = len(refusal.problems)
        summary = f"Nothing was written: {count} {'problem' if count == 1 else 'problems'} to correct."
        raise CommandError("\n".join([*map(str, refusal.problems), summary])) from None
    except (OperationalError, ProgrammingError) as error:
        message = f"Nothing was written: the database is not ready ({error}). Run manage.py migrate first."
        raise CommandError(message) from None

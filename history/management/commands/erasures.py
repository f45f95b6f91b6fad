"""`manage.py erasures`: write the list of erasures for a copy elsewhere, or repeat them after a restore."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coach import clock
from history import erasure_ledger
from history.models import Erasure


class Command(BaseCommand):
    help = "write FILE: list what was erased. again [FILE ...]: erase what a restore brought back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        writing = actions.add_parser("write", help="write the ids of erased sessions to FILE, to be kept elsewhere")
        writing.add_argument("file", type=Path)
        repeating = actions.add_parser("again", help="erase sessions that were erased before and are here again")
        repeating.add_argument("files", type=Path, nargs="*", help="files of `erasures write`, or later backups")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            if action == "write":
                self.stdout.write(f"{erasure_ledger.write(options['file'])} erasures written to {options['file']}.")
                return
            known = erasure_ledger.in_store() | set(Erasure.objects.values_list("session_id", flat=True))
            for path in options["files"]:
                known |= erasure_ledger.in_file(path)
        except (erasure_ledger.LedgerUnreadable, OSError) as error:
            raise CommandError(f"Nothing was done: {error}.") from None
        erased = erasure_ledger.again(known, now=clock.now())
        self.stdout.write(f"{len(known)} erasures known, {erased} of these sessions were back and are erased again.")

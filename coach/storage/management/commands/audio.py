"""`manage.py audio move --to STORE`: move every recording to another store."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coach import clock
from coach.config import config
from coach.storage import stores
from coach.storage.models import AudioFile
from coach.storage.moving_between_stores import move_all


class Command(BaseCommand):
    help = "Move recordings between stores; run it again after an interruption."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        moving = actions.add_parser("move", help="copy, compare by checksum, switch over, delete the old copy")
        moving.add_argument("--to", required=True, choices=["local", "s3", "leancloud"])

    def handle(self, *args: Any, action: str, to: str, **options: Any) -> None:
        if to == "s3" and not config.s3_bucket:
            raise CommandError("S3_BUCKET is not set: set it, S3_ENDPOINT_URL and the AWS_* variables first.")
        if to == stores.LEANCLOUD and not config.lean_configured:
            raise CommandError("LEAN_* is not set: set all four variables first.")
        waiting = AudioFile.objects.exclude(store__in=["", to])
        there = waiting.filter(store=stores.LEANCLOUD).count()
        if there and not config.lean_configured:
            raise CommandError(f"{there} recordings are in LeanCloud: set LEAN_* again until they have been moved.")
        total = waiting.count()
        done = 0

        def progress(_: str) -> None:
            nonlocal done
            done += 1
            if self.stdout.isatty():
                self.stdout.write(f"\r{done} of {total}", ending="")
                self.stdout.flush()

        moved, problems = move_all(to, clock=clock.now, progress=progress)
        for problem in problems:
            self.stderr.write(problem)
        self.stdout.write(f"{moved} recordings moved to {to}.")
        if problems:
            raise CommandError(f"{len(problems)} recordings are where they were: see above, and run it again.")
        if stores.current() != to:
            self.stdout.write(f"New recordings are still uploaded to {stores.current()}: set AUDIO_STORE={to}.")

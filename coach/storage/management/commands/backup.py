"""`manage.py backup FILE`: everything of an embedded installation in one file, also while it runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from coach.config import config
from coach.storage import backup


class Command(BaseCommand):
    help = "Write database, recordings and keys of the embedded installation into one archive (safe while running)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive to write, for example backup.tar.gz")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if config.database_url:
            raise CommandError("DATABASE_URL is set: back up that database with its own tools (docs/operations.md).")
        try:
            size = backup.write(config.var_dir, file.absolute())
        except (backup.BackupError, OSError) as error:
            raise CommandError(f"No backup was written: {error}.") from None
        self.stdout.write(f"{file}: {filesizeformat(size)}. It holds keys and what people said: keep it safe.")

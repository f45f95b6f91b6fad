"""`manage.py backup FILE`: back up database, recordings and keys in one file, even while everything runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.template.defaultfilters import filesizeformat

from coach import clock
from coach.config import config
from coach.storage import backup, backup_postgresql


class Command(BaseCommand):
    help = "Write the database, the recordings on this disk and the keys into one archive (safe while running)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive to write, for example backup.tar.gz")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        copy_tables = backup_postgresql.copy_tables if config.database_url.startswith("postgres") else None
        if config.database_url and copy_tables is None:
            raise CommandError("No backup was written: DATABASE_URL names a file of your own; copy that one.")
        try:
            size = backup.write(config.var_dir, file.absolute(), made_at=clock.now(), copy_tables=copy_tables)
        except (backup.BackupError, DatabaseError, OSError) as error:
            raise CommandError(f"No backup was written: {str(error).strip().rstrip('.')}.") from None
        self.stdout.write(f"{file}: {filesizeformat(size)}. It holds keys and what people said: keep it safe.")
        if config.audio_store != "local":
            self.stdout.write(f"Recordings in {config.audio_store} are not in it: that store has backups of its own.")

"""`manage.py restore FILE`: restore a backup while everything is stopped."""

from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from coach.config import config
from coach.storage import backup, backup_postgresql
from coach.supervision import instance


class Command(BaseCommand):
    help = "Put a backup back into an empty VAR_DIR or a PostgreSQL that was just migrated. Stop everything first."
    requires_migrations_checks = False
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--force", action="store_true", help="replace the database and the recordings that are there"
        )

    def handle(self, *args: Any, file: Path, force: bool, **options: Any) -> None:
        connection.close()
        try:
            with instance.lock(config, "restore"):
                load_tables = None
                if config.database_url.startswith("postgres"):
                    load_tables = partial(backup_postgresql.load_tables, overwrite=force)
                backup.read(file, config.var_dir, overwrite=force, load_tables=load_tables)
        except (backup.BackupError, instance.CannotStart, DatabaseError, OSError) as error:
            raise CommandError(f"Nothing was restored: {str(error).strip().rstrip('.')}.") from None
        self.stdout.write("Restored. Next: manage.py migrate, then manage.py erasures again, then start everything.")

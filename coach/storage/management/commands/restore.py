"""`manage.py restore FILE`: put a backup back, with everything stopped."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from coach.config import config
from coach.storage import backup
from coach.supervision import instance


class Command(BaseCommand):
    help = "Put a backup back into VAR_DIR. Stop everything first."
    requires_migrations_checks = False
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace the database that is there")

    def handle(self, *args: Any, file: Path, force: bool, **options: Any) -> None:
        connection.close()
        try:
            with instance.lock(config, "restore"):
                backup.read(file, config.var_dir, overwrite=force)
        except (backup.BackupError, instance.CannotStart, OSError) as error:
            raise CommandError(f"Nothing was restored: {str(error).rstrip('.')}.") from None
        self.stdout.write("Restored. Next: scripts/up (it brings the database to this version).")

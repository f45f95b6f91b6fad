"""Django's migrate, which on PostgreSQL disturbs nobody: `coach.database.migrating` says how."""

from functools import partial
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connection

from coach.database import migrating


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        work = partial(super().handle, *args, **options)
        # Within a transaction neither could be undone; the caller answers for both.
        if connection.vendor != "postgresql" or connection.in_atomic_block:
            work()
            return
        try:
            with migrating.alone(self._say), migrating.short_waits_for_locks():
                migrating.until_tables_are_free(work, self._say)
        except migrating.TableInUse as error:
            raise CommandError(f"{error}.") from error

    def _say(self, line: str) -> None:
        self.stdout.write(f"\n{line}")
        self.stdout.flush()

"""Whether the database has all migrations of this release; those of a later release do not matter."""

import pkgutil
import time
from collections.abc import Iterator
from pathlib import Path

import structlog
from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from coach.translatable_sentence import Sentence

TOLD_EVERY_SECONDS = 60.0

log = structlog.get_logger(__name__)

_complete = False
_told_at: float | None = None


def missing() -> list[str]:
    """`app.migration` of each that was never applied, and a line in the log now and then while there are any.

    Empty for good once it was empty: the database is not asked again. Raises DatabaseError where it cannot be asked.
    """
    global _complete
    if _complete:
        return []
    applied = set(MigrationRecorder(connection).applied_migrations())
    found = [f"{app}.{name}" for app, name in _of_this_release() if (app, name) not in applied]
    if found:
        _tell(found)
    _complete = not found
    return found


def complaint(found: list[str]) -> Sentence:
    """What operators are told of missing migrations."""
    return Sentence(
        "migrations of this release are missing (%(count)s, first %(name)s): run manage.py migrate",
        count=len(found),
        name=found[0],
    )


def _of_this_release() -> Iterator[tuple[str, str]]:
    """By the names of files: Django's own loader imports them all."""
    for app in apps.get_app_configs():
        for module in pkgutil.iter_modules([str(Path(app.path) / "migrations")]):
            if not module.ispkg and module.name[0] not in "_~":
                yield app.label, module.name


def _tell(found: list[str]) -> None:
    global _told_at
    now = time.monotonic()
    if _told_at is None or now - _told_at >= TOLD_EVERY_SECONDS:
        _told_at = now
        log.error("the database is not of this release: run manage.py migrate", count=len(found), where=found[0])

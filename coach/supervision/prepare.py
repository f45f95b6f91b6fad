"""Brings database, catalog and static files up to date: `python -m coach.supervision.prepare`.

Skipped if nothing that it depends on has changed since it last succeeded in this VAR_DIR.
"""

import hashlib
import io
import json
import os
import sys
from pathlib import Path

from coach import command_line
from coach.config import ROOT, Config, config

# Package files that no page loads; they are most of the bytes that would have to be compressed.
UNUSED_STATIC = ["ninja", "htmax*", "htmx-4*", "ext"]
# What the preparation reads, besides installed packages.
READ = (
    "*/migrations/*.py",
    "coach/*/migrations/*.py",
    "seed-data/*",
    "static/**/*",
    "coach/settings.py",
    "requirements/base.txt",
)


def main() -> int:
    from django.db.utils import DatabaseError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coach.settings")
    try:
        _prepare()
    except DatabaseError as error:
        if (words := command_line.about_database(error)) is None:
            raise
        sys.stderr.write(f"{words}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{command_line.about_disk(error)}\n")
        return 1
    return 0


def _prepare() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    missing = _missing_migrations()
    if missing:
        print(f"database: {missing} migrations to apply", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
    print(f"catalog: {_seed()}", flush=True)
    print("static files: naming by content and compressing", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=UNUSED_STATIC)
    from django.contrib.auth import get_user_model

    _record(config).write_text(
        json.dumps(
            {
                "fingerprint": fingerprint(),
                "has_admin": get_user_model().objects.filter(is_superuser=True, is_active=True).exists(),
            }
        )
    )


def _missing_migrations() -> int:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _seed() -> str:
    """The importer's last line; its lines per record are for people who run it by hand."""
    from django.core.management import call_command

    said = io.StringIO()
    call_command("seed_scenarios", if_empty=True, stdout=said)
    return (said.getvalue().strip().splitlines() or ["nothing to do"])[-1]


def is_current(config: Config) -> bool:
    """Whether a start may skip the preparation: only with the embedded database, which nobody else changes."""
    if config.database_url or not (config.var_dir / "coach.sqlite3").exists():
        return False
    return _read(config).get("fingerprint") == fingerprint()


def has_admin(config: Config) -> bool:
    return bool(_read(config).get("has_admin"))


def fingerprint() -> str:
    """A hash of everything the preparation reads: migrations, seeds, static files, translations, installed packages."""
    digest = hashlib.sha256()
    for path in (path for pattern in READ for path in sorted(ROOT.glob(pattern))):
        status = path.stat()
        digest.update(f"{path}{status.st_size}{status.st_mtime_ns}".encode())
    modules = ROOT / "node_modules" / ".installed"
    digest.update(modules.read_bytes() if modules.exists() else b"")
    return digest.hexdigest()


def _record(config: Config) -> Path:
    return config.var_dir / "run" / "prepared.json"


def _read(config: Config) -> dict[str, object]:
    try:
        record = json.loads(_record(config).read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


if __name__ == "__main__":
    sys.exit(main())

"""An outbox from when LeanCloud was part of the audio storage survives the migration and is still delivered."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tests import programs

READ = """
from coach.leancloud.models import OutboxLease, OutboxRow, RemoteObject
row, remote = OutboxRow.objects.get(), RemoteObject.objects.get()
print(row.class_name, row.record_id, row.version, remote.object_id, OutboxLease.objects.count())
RemoteObject.objects.create(class_name="Skill", record_id="k2", object_id="o2")
"""


def manage(var: Path, *args: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LEAN_", "DATABASE_"))}
    return programs.manage(*args, environment=environment | {"VAR_DIR": str(var)}, log=var / "manage.log")


def test_an_existing_database_keeps_its_outbox_when_it_migrates(tmp_path: Path) -> None:
    manage(tmp_path, "migrate", "storage", "0005", "-v", "0")
    with closing(sqlite3.connect(tmp_path / "coach.sqlite3")) as database:
        database.execute(
            "INSERT INTO storage_mirrorrow (class_name, record_id, session_id, version, created_at, next_attempt_at,"
            " attempts, last_error) VALUES ('Skill', 'k1', '', 3, '2026-01-05', '2026-01-05', 0, '')"
        )
        database.execute(
            "INSERT INTO storage_remoteobject (class_name, record_id, object_id, remote_updated_at, unknown)"
            " VALUES ('Skill', 'k1', 'o1', '', '{}')"
        )
        database.execute("INSERT INTO storage_mirrorlease (id, holder, until) VALUES (1, '', '2026-01-05')")
        database.commit()
    manage(tmp_path, "migrate", "-v", "0")
    assert manage(tmp_path, "shell", "-v", "0", "-c", READ).strip() == "Skill k1 3 o1 1"
    manage(tmp_path, "migrate", "--check")

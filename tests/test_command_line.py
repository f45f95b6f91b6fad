"""A management command that cannot do its work says why in one line, and its exit status is not 0."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import django.core.management
import pytest
import redis
from django.db.utils import DatabaseError, OperationalError, ProgrammingError

from coach import command_line
from tests.stack import migrated

ROOT = Path(__file__).resolve().parent.parent


class UndefinedTable(Exception):
    sqlstate = "42P01"


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (OperationalError("no such table: practice_skill"), 1, "Run manage.py migrate first."),
        (caused(ProgrammingError("relation …\nLINE 1"), UndefinedTable()), 1, "Run manage.py migrate first."),
        (OperationalError("database or disk is full"), 1, "the disk is full"),
        (OperationalError("attempt to write a readonly database"), 1, "Run this as the user who owns VAR_DIR."),
        (DatabaseError("database disk image is malformed"), 1, "Restore a backup"),
        (DatabaseError("file is not a database"), 1, "Restore a backup"),
        (OperationalError("connection refused\nIs the server running?"), 1, "Check DATABASE_URL and the server"),
        (OSError(errno.ENOSPC, "No space left on device", "/srv/x"), 1, "/srv/x: the disk is full."),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/x"), 1, "/srv/x: Permission denied."),
        (redis.ConnectionError("refused"), 1, "check REDIS_URL"),
        (KeyboardInterrupt(), 130, "interrupted."),
    ],
)
def test_a_fault_that_an_operator_can_fix_is_one_line(
    error: BaseException, status: int, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(arguments: list[str]) -> None:
        raise error

    monkeypatch.setattr(django.core.management, "execute_from_command_line", fails)
    assert command_line.main(["/srv/coach/manage.py", "retention", "--erase"]) == status
    told = capsys.readouterr().err
    assert told.startswith("manage.py retention: ")
    assert says in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("error", [ValueError("ours"), ProgrammingError("syntax error at or near FORM")])
def test_a_bug_keeps_its_traceback(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(arguments: list[str]) -> None:
        raise error

    monkeypatch.setattr(django.core.management, "execute_from_command_line", fails)
    with pytest.raises(type(error)):
        command_line.main(["manage.py", "retention"])


def manage(var_dir: Path, *arguments: str, **given: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "DATABASE_URL": "", "VAR_DIR": str(var_dir), **given}
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.processes
def test_commands_report_a_missing_database_a_wrong_folder_and_a_closed_pipe(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    begun = [
        manage(tmp_path / "none", "retention"),
        manage(tmp_path / "file", "retention"),
        # Waits ten seconds for the server to come up.
        manage(tmp_path / "var", "retention", DATABASE_URL="postgres://coach:s3cret@127.0.0.1:9/coach"),
    ]
    for process in begun:
        printed, told = process.communicate()
        assert process.returncode == 1, printed
        assert "Traceback" not in told
        assert "s3cret" not in told
        assert told.splitlines()[-1].startswith("manage.py retention: ")
    shutil.copy(migrated(), tmp_path / "var")
    piped = f"{sys.executable} {ROOT / 'manage.py'} help retention | true"
    done = subprocess.run(["bash", "-c", piped], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr

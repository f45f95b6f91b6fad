"""When `scripts/up` cannot write, it prints one line with the place and what to do, and starts nothing."""

import errno
import io
import os
import shutil
import sys
from pathlib import Path

import pytest

from coach import config as settings
from coach.config import Config, config
from coach.supervision import __main__ as up
from coach.supervision import instance, prepare
from coach.supervision.console import Console
from tests import ports

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """An installation with its own VAR_DIR."""
    own = config.model_copy(update={"var_dir": tmp_path / "var"})
    for module in (up, prepare):
        monkeypatch.setattr(module, "config", own)
    monkeypatch.setattr(sys, "argv", ["scripts/up", "--port", "0"])
    return own


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line with which a refused start ends."""
    assert up.main() == 1
    said = capsys.readouterr().err
    assert said.startswith("scripts/up: ")
    assert said.count("\n") == 1
    return said


def test_a_nearly_full_disk_is_refused_before_anything_is_written(
    here: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nearly_full = shutil.disk_usage("/")._replace(free=5_000_000)
    monkeypatch.setattr(instance.shutil, "disk_usage", lambda _: nearly_full)
    said = refused(capsys)
    assert f"The disk that holds {here.var_dir} is too full: a start needs 100 MB and 5 MB are free." in said
    assert not (here.var_dir / "coach.sqlite3").exists()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (errno.ENOSPC, "is full: free some space and start again"),
        (errno.EDQUOT, "is full: free some space and start again"),
        (errno.EROFS, "is on a read-only file system: mount it for writing or choose another VAR_DIR"),
        (errno.EACCES, "cannot be written (Permission denied): choose another VAR_DIR or run as the user who owns it"),
    ],
)
def test_an_unwritable_directory_is_named(
    here: Config, error: int, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(path: Path, *_: object, **__: object) -> None:
        raise OSError(error, os.strerror(error), str(path))

    monkeypatch.setattr(Path, "mkdir", fails)
    said = refused(capsys)
    assert str(here.var_dir) in said
    assert says in said


@pytest.mark.parametrize("name", ["coach.sqlite3", "audio", "keys"])
def test_a_file_of_another_user_is_named(
    here: Config, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = here.var_dir / name
    theirs.mkdir(parents=True)
    monkeypatch.setattr(instance.os, "access", lambda path, _mode: Path(path) != theirs)
    assert f"{theirs} cannot be written (Permission denied)" in refused(capsys)


def test_a_disk_fault_during_preparation_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/srv/static/x.css")

    monkeypatch.setattr(prepare, "_prepare", fails)
    assert prepare.main() == 1
    assert capsys.readouterr().err == "/srv/static/x.css: the disk is full. Free some space and run this again.\n"


def test_a_log_on_a_full_disk_stops_nothing() -> None:
    class Log(io.StringIO):
        is_full = True

        def write(self, text: str) -> int:
            if self.is_full:
                raise FULL
            return super().write(text)

    log = Log()
    console = Console(log)
    console.say("web", "lost")
    log.is_full = False
    console.say("web", "written again")
    assert log.getvalue() == "web     | written again\n"


def test_a_key_that_could_not_be_written_leaves_no_partial_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_size: int) -> str:
        raise FULL

    monkeypatch.setattr(settings.secrets, "token_urlsafe", fails)
    path = tmp_path / "keys" / "secret-key"
    with pytest.raises(OSError, match="No space left"):
        settings._kept_secret(path)
    assert list(path.parent.iterdir()) == []
    monkeypatch.undo()
    assert len(settings._kept_secret(path)) >= 32


def test_two_simultaneous_starts_use_different_ports_for_their_models() -> None:
    port, held = instance.reserve_port(ports.reserved())
    other, also_held = instance.reserve_port(port)
    with also_held, held:
        assert other != port
    again, held = instance.reserve_port(port)
    with held:
        assert again == port

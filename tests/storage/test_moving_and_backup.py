"""Moving recordings between stores, and backup and restore."""

import errno
import os
import sqlite3
import tarfile
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from coach.storage import backup
from coach.storage.models import AudioFile

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MP3 = b"\xff\xf3 spoken"


@pytest.mark.django_db
def test_moving_to_a_store_that_is_not_set_up_says_what_to_set() -> None:
    with pytest.raises(CommandError, match="S3_BUCKET"):
        call_command("audio", "move", to="s3", stdout=StringIO())


@pytest.mark.django_db
def test_moving_out_of_leancloud_without_its_settings_says_what_to_set() -> None:
    AudioFile.objects.create(store="leancloud", key="k", size_bytes=7, duration_ms=900, created_at=NOW, settled_at=NOW)
    with pytest.raises(CommandError, match="1 recordings are in LeanCloud: set LEAN_\\* again"):
        call_command("audio", "move", to="local", stdout=StringIO())


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    var_dir = tmp_path / "var"
    (var_dir / "audio" / "ab").mkdir(parents=True)
    (var_dir / "keys").mkdir()
    (var_dir / "audio" / "ab" / "one.mp3").write_bytes(MP3)
    (var_dir / "keys" / "secret-key").write_text("k" * 50)
    with sqlite3.connect(var_dir / "coach.sqlite3") as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE said (words TEXT)")
        connection.execute("INSERT INTO said VALUES ('We need to talk.')")
    return var_dir


def words(var_dir: Path) -> list[str]:
    with sqlite3.connect(var_dir / "coach.sqlite3") as connection:
        return [row[0] for row in connection.execute("SELECT words FROM said")]


def test_a_backup_taken_during_a_write_is_consistent_and_private(installation: Path, tmp_path: Path) -> None:
    writer = sqlite3.connect(installation / "coach.sqlite3", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO said VALUES ('half a sentence')")
    archive = tmp_path / "backup.tar.gz"
    backup.write(installation, archive, made_at=NOW)
    writer.execute("COMMIT")
    writer.close()
    assert archive.stat().st_mode & 0o077 == 0
    backup.read(archive, tmp_path / "other")
    assert words(tmp_path / "other") == ["We need to talk."]
    assert (tmp_path / "other" / "audio" / "ab" / "one.mp3").read_bytes() == MP3
    assert (tmp_path / "other" / "keys" / "secret-key").read_text() == "k" * 50


def test_a_folder_with_url_characters_in_its_name_is_backed_up(installation: Path, tmp_path: Path) -> None:
    odd = installation.rename(tmp_path / "coach #1 of 100%?mode=memory")
    backup.write(odd, tmp_path / "backup.tar.gz", made_at=NOW)
    backup.read(tmp_path / "backup.tar.gz", tmp_path / "other #2")
    assert words(tmp_path / "other #2") == ["We need to talk."]


def test_an_empty_database_is_not_backed_up_and_does_not_prevent_a_restore(installation: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    sqlite3.connect(empty / "coach.sqlite3").close()
    (empty / "coach.sqlite3").touch()
    archive = tmp_path / "backup.tar.gz"
    with pytest.raises(backup.BackupError, match="holds no tables: is VAR_DIR the right one"):
        backup.write(empty, archive, made_at=NOW)
    assert not archive.exists()
    backup.write(installation, archive, made_at=NOW)
    backup.read(archive, empty)
    assert words(empty) == ["We need to talk."]
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "coach.sqlite3").write_text(
        "something else of somebody's, and longer than a header of SQLite" * 9
    )
    with pytest.raises(backup.BackupError, match="exists already"):
        backup.read(archive, tmp_path / "notes")


def test_recordings_can_be_restored_onto_another_file_system(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "backup.tar.gz"
    backup.write(installation, archive, made_at=NOW)
    rename = os.replace

    def across(source: Path, target: Path) -> None:
        if Path(target).is_relative_to(tmp_path / "other" / "audio") != Path(source).is_relative_to(
            tmp_path / "other" / "audio"
        ):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(source, target)

    monkeypatch.setattr(os, "replace", across)
    backup.read(archive, tmp_path / "other")
    assert [path.name for path in (tmp_path / "other" / "audio").rglob("*.*")] == ["one.mp3"]
    assert (tmp_path / "other" / "audio" / "ab" / "one.mp3").read_bytes() == MP3


def test_restoring_over_an_installation_needs_force(installation: Path, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    backup.write(installation, archive, made_at=NOW)
    with sqlite3.connect(installation / "coach.sqlite3") as connection:
        connection.execute("DELETE FROM said")
    with pytest.raises(backup.BackupError, match="--force"):
        backup.read(archive, installation)
    assert words(installation) == []
    backup.read(archive, installation, overwrite=True)
    assert words(installation) == ["We need to talk."]


@pytest.mark.parametrize("broken", ["cut", "empty", "no database", "damaged"])
def test_a_broken_backup_changes_nothing(installation: Path, tmp_path: Path, broken: str) -> None:
    archive = tmp_path / "backup.tar.gz"
    if broken == "cut":
        backup.write(installation, archive, made_at=NOW)
        archive.write_bytes(archive.read_bytes()[:200])
    elif broken == "empty":
        archive.write_bytes(b"")
    else:
        (tmp_path / "junk").write_bytes(b"SQLite format 3\x00" + b"junk" * 4000)
        with tarfile.open(archive, "w:gz") as packed:
            packed.add(tmp_path / "junk", arcname="coach.sqlite3" if broken == "damaged" else "junk")
    with pytest.raises(backup.BackupError):
        backup.read(archive, installation, overwrite=True)
    assert words(installation) == ["We need to talk."]


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "audio/../../outside"])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_an_archive_that_reaches_outside_is_refused(installation: Path, tmp_path: Path, name: str, kind: bytes) -> None:
    archive = tmp_path / "backup.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        member = tarfile.TarInfo(name if kind == tarfile.REGTYPE else "audio/link")
        member.type, member.linkname = kind, name
        packed.addfile(member)
    with pytest.raises(backup.BackupError, match="not a whole backup"):
        backup.read(archive, installation, overwrite=True)
    assert words(installation) == ["We need to talk."]
    assert not (tmp_path / "outside").exists()


def test_an_archive_is_never_overwritten(installation: Path, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    archive.write_text("the last one")
    with pytest.raises(backup.BackupError, match="exists already"):
        backup.write(installation, archive, made_at=NOW)
    assert archive.read_text() == "the last one"

"""Recordings move between stores and come back from a backup intact."""

import sqlite3
import tarfile
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from coach.storage import audio, audio_upload, backup
from coach.storage.models import AudioFile

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MP3 = b"\xff\xf3 spoken"


def settled() -> AudioFile:
    recording = audio.keep(MP3, duration_ms=900, now=NOW)
    audio_upload.settle_due(NOW)
    audio_upload.let_go(NOW + audio_upload.AT_HAND)
    recording.refresh_from_db()
    return recording


@pytest.mark.django_db
def test_moving_to_a_store_that_is_not_set_up_says_what_to_set() -> None:
    with pytest.raises(CommandError, match="S3_BUCKET"):
        call_command("audio", "move", to="s3", stdout=StringIO())


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

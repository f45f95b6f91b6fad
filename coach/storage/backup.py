"""Backs up an installation in one archive: the database, the recordings on this disk, and the keys.

Consistent while everything runs. First a snapshot of the database is copied (SQLite's online backup, or a PostgreSQL
snapshot). Recordings never change once written: those in the snapshot are either there or erased since.

    coach.sqlite3          SQLite's database, or
    database/TABLE.copy    PostgreSQL's tables, as COPY writes them
    audio/…  keys/…        the files under VAR_DIR
    manifest.json          last, so an archive without it is incomplete

The file gets its name only when it is complete and on the disk.
"""

import errno
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

DATABASE = "coach.sqlite3"
TABLES = "database"
FOLDERS = ("audio", "keys")
MANIFEST = "manifest.json"
FORMAT = 2


class BackupError(Exception):
    """`str()` is one sentence for the operator."""


def write(
    var_dir: Path,
    target: Path,
    *,
    made_at: datetime,
    copy_tables: Callable[[Path], dict[str, Any]] | None = None,
) -> int:
    """Write the archive; returns its size in bytes. Raises BackupError.

    Its mode is 600, because it contains keys and what people said.

    `copy_tables` writes a database other than the embedded one into a folder and returns what its restore needs.
    """
    source = var_dir / DATABASE
    if copy_tables is None and not _has_tables(source):
        raise BackupError(
            f"{source} holds no tables: is VAR_DIR the right one?"
            if source.exists()
            else f"{source} does not exist: there is no embedded database to back up"
        )
    if target.exists():
        raise BackupError(f"{target} exists already")
    partial = target.with_name(target.name + ".part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
            manifest: dict[str, Any] = {"format": FORMAT, "madeAt": made_at.isoformat()}
            if copy_tables is None:
                _copy_sqlite(source, Path(scratch) / DATABASE)
                manifest |= {"database": "sqlite"}
            else:
                (Path(scratch) / TABLES).mkdir()
                manifest |= {"database": "postgresql"} | copy_tables(Path(scratch) / TABLES)
            _pack(Path(scratch), var_dir, partial, manifest)
        os.replace(partial, target)
        _sync(target.parent)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()
    return target.stat().st_size


def read(
    archive: Path,
    var_dir: Path,
    *,
    overwrite: bool = False,
    load_tables: Callable[[Path, dict[str, Any]], None] | None = None,
) -> None:
    """Restore an archive into `var_dir`. Raises BackupError and changes nothing if it cannot be used.

    `load_tables` loads the tables into a database other than the embedded one; if it raises, unreferenced recordings
    may remain, but never half a database. The database comes last: a restore that was killed can be repeated.
    """
    if not overwrite:
        _check_empty(var_dir)
    var_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=var_dir, prefix=".restore-") as scratch:
        unpacked = Path(scratch)
        try:
            with tarfile.open(archive, "r:gz") as packed:
                _unpack(packed, unpacked)
        except (OSError, EOFError, tarfile.TarError) as error:
            raise BackupError(f"{archive} is not a whole backup ({type(error).__name__})") from None
        manifest = _manifest(unpacked, archive)
        is_embedded = manifest["database"] == "sqlite"
        if is_embedded != (load_tables is None):
            raise BackupError(
                f"{archive} is of {'the embedded database: unset' if is_embedded else 'PostgreSQL: set'} DATABASE_URL"
            )
        if is_embedded:
            _check_sqlite(unpacked / DATABASE, archive)
        for folder in FOLDERS:
            _put(unpacked / folder, var_dir)
        if load_tables is not None:
            load_tables(unpacked / TABLES, manifest)
            return
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
            (var_dir / name).unlink(missing_ok=True)
        os.replace(unpacked / DATABASE, var_dir / DATABASE)
        _sync(var_dir)


def _unpack(packed: tarfile.TarFile, into: Path) -> None:
    """Extract only folders and plain files below `into`. (`filter="data"` came with Python 3.11.4.)"""
    for member in packed:
        name = PurePosixPath(member.name)
        if name.is_absolute() or ".." in name.parts or not (member.isfile() or member.isdir()):
            raise tarfile.TarError(f"{member.name} does not belong into a backup")
        if member.isdir():
            (into / name).mkdir(parents=True, exist_ok=True)
            continue
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        content = packed.extractfile(member)
        assert content is not None
        with content, (into / name).open("wb") as file:
            shutil.copyfileobj(content, file)
        (into / name).chmod(member.mode & 0o755)


def _check_empty(var_dir: Path) -> None:
    """Raise if there is data already. Keys and an empty database do not count: any command creates them."""
    database, recordings = var_dir / DATABASE, var_dir / "audio"
    if _has_tables(database):
        raise BackupError(f"{database} exists already: stop everything and pass --force to replace it")
    if recordings.is_dir() and any(path.is_file() for path in recordings.rglob("*")):
        raise BackupError(f"{recordings} holds recordings already: restore into an empty VAR_DIR, or pass --force")


def _pack(scratch: Path, var_dir: Path, partial: Path, manifest: dict[str, Any]) -> None:
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz") as packed:
            for path in sorted(scratch.rglob("*")):
                packed.add(path, arcname=str(path.relative_to(scratch)), recursive=False)
            for folder in FOLDERS:
                for path in sorted((var_dir / folder).rglob("*")):
                    _add(packed, path, var_dir)
            content = json.dumps(manifest).encode()
            member = tarfile.TarInfo(MANIFEST)
            member.size, member.mode = len(content), 0o600
            packed.addfile(member, BytesIO(content))
        file.flush()
        os.fsync(file.fileno())


def _add(packed: tarfile.TarFile, path: Path, var_dir: Path) -> None:
    try:
        packed.add(path, arcname=str(path.relative_to(var_dir)), recursive=False)
    except FileNotFoundError:
        # Erased while the archive was being written.
        return


def _manifest(unpacked: Path, archive: Path) -> dict[str, Any]:
    path = unpacked / MANIFEST
    if not path.is_file():
        if (unpacked / DATABASE).is_file():
            return {"format": 1, "database": "sqlite"}  # From before archives had a manifest.
        raise BackupError(f"{archive} holds no database")
    try:
        manifest = json.loads(path.read_text())
        known = int(manifest["format"]) <= FORMAT and manifest["database"] in ("sqlite", "postgresql")
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise BackupError(f"{archive} was made by a release that this one does not know")
    return dict(manifest)


def _put(folder: Path, var_dir: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            place = var_dir / path.relative_to(folder.parent)
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _move(path, place)


def _move(path: Path, place: Path) -> None:
    """Atomic also if the folder of recordings is a file system of its own, as in the containers."""
    try:
        os.replace(path, place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        partial = place.with_name(place.name + ".part")
        shutil.copy2(path, partial)
        os.replace(partial, place)


def _copy_sqlite(source: Path, copy: Path) -> None:
    reading, writing = sqlite3.connect(_read_only(source), uri=True), sqlite3.connect(copy)
    try:
        reading.backup(writing)
    finally:
        reading.close()
        writing.close()


def _read_only(database: Path) -> str:
    """As an address: its path may hold signs that mean something in one."""
    return f"{database.absolute().as_uri()}?mode=ro"


def _has_tables(database: Path) -> bool:
    """Also true of a file that is no database: it is somebody's, and must not be replaced unasked."""
    if not database.exists():
        return False
    connection = sqlite3.connect(_read_only(database), uri=True)
    try:
        return connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone() == (1,)
    except sqlite3.DatabaseError:
        return True
    finally:
        connection.close()


def _check_sqlite(database: Path, archive: Path) -> None:
    if not database.is_file():
        raise BackupError(f"{archive} holds no database")
    connection = sqlite3.connect(database)
    try:
        sound = connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        sound = False
    finally:
        connection.close()
    if not sound:
        raise BackupError(f"{archive} holds a damaged database")


def _sync(folder: Path) -> None:
    """Make a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

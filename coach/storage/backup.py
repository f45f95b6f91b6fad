"""One file with everything of an embedded installation: database, recordings and keys.

Consistent while running: the database is copied by SQLite's own online backup first; recordings are never changed once
written, so those it names are either there or have been erased since.
"""

import os
import sqlite3
import tarfile
import tempfile
from pathlib import Path

DATABASE = "coach.sqlite3"
FOLDERS = ("audio", "keys")


class BackupError(Exception):
    """`str()` is one sentence for the operator."""


def write(var_dir: Path, target: Path) -> int:
    """Write the archive (mode 600: it holds keys and what people said); its size in bytes. Raises BackupError."""
    source = var_dir / DATABASE
    if not source.exists():
        raise BackupError(f"{source} does not exist: only the embedded SQLite database is backed up here")
    if target.exists():
        raise BackupError(f"{target} exists already")
    partial = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        copy = Path(scratch) / DATABASE
        _copy_database(source, copy)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as packed:
            packed.add(copy, arcname=DATABASE)
            for folder in FOLDERS:
                for path in sorted((var_dir / folder).rglob("*")):
                    _add(packed, path, var_dir)
            file.flush()
    os.replace(partial, target)
    return target.stat().st_size


def read(archive: Path, var_dir: Path, *, overwrite: bool = False) -> None:
    """Put an archive's content into `var_dir`. Raises BackupError and changes nothing when it cannot be used."""
    database = var_dir / DATABASE
    if database.exists() and not overwrite:
        raise BackupError(f"{database} exists already: stop everything and pass --force to replace it")
    var_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=var_dir) as scratch:
        unpacked = Path(scratch)
        try:
            with tarfile.open(archive, "r:gz") as packed:
                packed.extractall(unpacked, filter="data")
        except (OSError, EOFError, tarfile.TarError) as error:
            raise BackupError(f"{archive} is not a whole backup ({type(error).__name__})") from None
        _check(unpacked / DATABASE, archive)
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
            (var_dir / name).unlink(missing_ok=True)
        for path in sorted(unpacked.rglob("*")):
            if path.is_file():
                place = var_dir / path.relative_to(unpacked)
                place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.replace(path, place)


def _copy_database(source: Path, copy: Path) -> None:
    reading, writing = sqlite3.connect(f"file:{source}?mode=ro", uri=True), sqlite3.connect(copy)
    try:
        reading.backup(writing)
    finally:
        reading.close()
        writing.close()


def _add(packed: tarfile.TarFile, path: Path, var_dir: Path) -> None:
    try:
        packed.add(path, arcname=str(path.relative_to(var_dir)), recursive=False)
    except FileNotFoundError:
        # Erased while the archive was being written.
        return


def _check(database: Path, archive: Path) -> None:
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

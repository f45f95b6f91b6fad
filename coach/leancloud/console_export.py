"""Read the JSON export of LeanCloud's console, from a folder or from the downloaded archive.

The console exports a `.tar.gz` with one `<Class>.0.jsonl` per class. Also read: zip archives, single files, `.json`,
gzipped files, several numbered parts, any subfolder.
"""

import gzip
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import IO, Any, cast

from coach.leancloud import jsonstream
from coach.leancloud.disk_spill import DiskSpill
from coach.leancloud.downloads import Downloads
from coach.leancloud.jsonstream import Unreadable

GZIP = b"\x1f\x8b"
_UNREADABLE = (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile, tarfile.TarError)
"""Raised by damaged or encrypted files and archives, and by missing permissions."""


class ExportUnreadable(Exception):
    """The path is not an export; `str()` says why."""


class ConsoleExport:
    """Objects come from the files; audio is still downloaded from the URLs in the export."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise ExportUnreadable(f"{path}: there is no such file or folder")
        self._path = path
        self._stored: DiskSpill | None = None
        self._listed: list[str] | None = None
        self._downloads = Downloads()
        _kind_of(path)

    def scan(self, class_name: str, *, page: int = 500) -> Iterator[list[Any]]:
        some: list[Any] = []
        for item in self._objects(class_name):
            some.append(item)
            if len(some) == page:
                yield some
                some = []
        if some:
            yield some

    def find_files(self, object_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        if self._stored is None:
            self._stored = DiskSpill()
            wanted = ("objectId", "url", "metaData")
            every = (item for item in self._objects("_File") if isinstance(item, dict))
            named = ({name: item.get(name) for name in wanted} for item in every)
            self._stored.put((item["objectId"], item) for item in named if isinstance(item["objectId"], str))
        return self._stored.get(object_ids)

    def download(self, url: str) -> bytes:
        return self._downloads.get(url)

    def found(self, class_name: str) -> list[str]:
        """Names of the files that hold a class."""
        return [name for name in self._names() if _is_of(class_name, name)]

    def where(self, class_names: Iterable[str]) -> str:
        wanted = ", ".join(f"{name}.json" for name in class_names)
        sentence = f"{self._path}: looked for {wanted} (or .jsonl, or in parts such as Turn.0.jsonl; also gzipped)"
        if any(re.search(r"\.bson(\.gz)?$", name) for name in self._names()):
            return f"{sentence}. There are BSON files: ask the console for JSON, or pull without --from-export"
        return sentence

    def _objects(self, class_name: str) -> Iterator[Any]:
        for name in self.found(class_name):
            try:
                with self._opened(name) as stream:
                    yield from jsonstream.objects(name, stream)
            except _UNREADABLE as error:
                yield Unreadable(f"{name}: cannot be read to its end ({type(error).__name__})")

    def _names(self) -> list[str]:
        """Paths of all files in the export. Raises ExportUnreadable."""
        if self._listed is None:
            self._listed = self._list()
        return self._listed

    def _list(self) -> list[str]:
        kind = _kind_of(self._path)
        try:
            if kind == "folder":
                return sorted(str(each.relative_to(self._path)) for each in self._path.rglob("*") if each.is_file())
            if kind == "zip":
                with zipfile.ZipFile(self._path) as archive:
                    return sorted(archive.namelist())
            if kind == "tar":
                with tarfile.open(self._path) as tar:
                    return sorted(member.name for member in tar if member.isfile())
        except _UNREADABLE as error:
            raise ExportUnreadable(f"{self._path}: cannot be read ({type(error).__name__}): copy it again") from None
        return [self._path.name]

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[str]]:
        kind = _kind_of(self._path)
        if kind == "zip":
            with zipfile.ZipFile(self._path) as archive, archive.open(name) as member:
                yield _text(member)
        elif kind == "tar":
            with tarfile.open(self._path) as tar:
                extracted = tar.extractfile(name)
                if extracted is None:
                    raise FileNotFoundError(name)
                with extracted:
                    yield _text(extracted)
        else:
            with (self._path / name if kind == "folder" else self._path).open("rb") as file:
                yield _text(file)


def _kind_of(path: Path) -> str:
    """`folder`, `zip`, `tar` (compressed or not) or `file` (a single class). Raises ExportUnreadable."""
    if path.is_dir():
        return "folder"
    try:
        if zipfile.is_zipfile(path):
            return "zip"
        if tarfile.is_tarfile(path):
            return "tar"
    except _UNREADABLE:
        pass
    if re.search(r"\.jsonl?(\.gz)?$", path.name, re.IGNORECASE):
        return "file"
    raise ExportUnreadable(f"{path}: neither a folder nor a zip or tar archive, or damaged: copy it again")


def _is_of(class_name: str, name: str) -> bool:
    pattern = rf"{re.escape(class_name)}([._-](\d+|all))?\.(?i:jsonl?(\.gz)?)"
    return re.fullmatch(pattern, name.replace("\\", "/").rsplit("/", 1)[-1]) is not None


def _text(stream: IO[bytes]) -> IO[str]:
    """Decode by byte order mark, else as UTF-8. Invalid bytes become surrogates here and U+FFFD in `storable`."""
    buffered = BufferedReader(cast("Any", stream))
    if buffered.peek(2)[:2] == GZIP:
        buffered = BufferedReader(cast("Any", gzip.GzipFile(fileobj=buffered)))
    if buffered.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return TextIOWrapper(buffered, encoding="utf-16", errors="replace")
    return TextIOWrapper(buffered, encoding="utf-8-sig", errors="surrogateescape")

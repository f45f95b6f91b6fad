"""The JSON export of LeanCloud's console as a source of objects: a folder or a zip of `<Class>.json` (or `.jsonl`).

A class may come in numbered parts (`Turn.0.jsonl`), each of one object a line behind a line that begins with `#`.
"""

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from coach.storage.leancloud.aside import Aside
from coach.storage.leancloud.pull import DOWNLOADS
from coach.storage.leancloud.wire import download, session

CHUNK = 1 << 16
_LIST = re.compile(r'\s*(?:\{\s*"results"\s*:\s*)?\[')


class ExportUnreadable(Exception):
    """What was given is no export; `str()` says why."""


class ConsoleExport:
    """Objects from files; audio still comes from the addresses that the export names."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise ExportUnreadable(f"{path}: there is no such file or folder")
        self._path = path
        self._files: Aside | None = None
        self._http = session(DOWNLOADS)

    def scan(self, class_name: str, *, page: int = 500) -> Iterator[list[dict[str, Any]]]:
        some: list[dict[str, Any]] = []
        for item in self._objects(class_name):
            some.append(item)
            if len(some) == page:
                yield some
                some = []
        if some:
            yield some

    def find_files(self, object_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        if self._files is None:
            self._files = Aside()
            wanted = ("objectId", "url", "metaData")
            every = ({name: item.get(name) for name in wanted} for item in self._objects("_File"))
            self._files.put((item["objectId"], item) for item in every if item["objectId"] and item["url"])
        return self._files.get(object_ids)

    def download(self, url: str) -> bytes:
        return download(self._http, url)

    def _objects(self, class_name: str) -> Iterator[dict[str, Any]]:
        for name, stream in self._parts(class_name):
            with stream:
                yield from _parsed(name, stream)

    def _parts(self, class_name: str) -> Iterator[tuple[str, IO[str]]]:
        wanted = re.compile(rf"{re.escape(class_name)}([._-](\d+|all))?\.jsonl?")
        if self._path.is_dir():
            for path in sorted(self._path.rglob("*")):
                if wanted.fullmatch(path.name):
                    yield path.name, path.open(encoding="utf-8-sig")
            return
        try:
            archive = zipfile.ZipFile(self._path)
        except zipfile.BadZipFile:
            raise ExportUnreadable(f"{self._path}: neither a folder nor a zip archive") from None
        with archive:
            for name in sorted(archive.namelist()):
                if wanted.fullmatch(name.rsplit("/", 1)[-1]):
                    yield name, TextIOWrapper(archive.open(name), encoding="utf-8-sig")


def _parsed(name: str, stream: IO[str]) -> Iterator[dict[str, Any]]:
    """One JSON object a line, one array, or `{"results": […]}`; never more of it in memory than one object."""
    first = stream.readline()
    while first.startswith("#"):
        first = stream.readline()
    if not first.strip():
        return
    line = first.strip()
    one_a_line = line.startswith("{") and line.endswith("}") and not _LIST.match(first)
    items = _lines(first, stream) if one_a_line else _items(name, first, stream)
    try:
        for item in items:
            if not isinstance(item, dict):
                raise ExportUnreadable(f"{name}: holds something that is no object")
            yield item
    except ValueError:
        raise ExportUnreadable(f"{name}: not JSON") from None


def _lines(first: str, stream: IO[str]) -> Iterator[Any]:
    yield json.loads(first)
    for line in stream:
        if line.strip() and not line.startswith("#"):
            yield json.loads(line)


def _items(name: str, begun: str, stream: IO[str]) -> Iterator[Any]:
    """What a list holds, decoded one by one as it is read. Raises ValueError where it is not JSON."""
    text = begun + stream.read(CHUNK)
    opened = _LIST.match(text)
    if not opened:
        raise ExportUnreadable(f"{name}: holds no list of objects")
    text, decoder, ended = text[opened.end() :], json.JSONDecoder(), False
    while True:
        # The comma is looked for here: it may be the first thing of the next piece.
        text = text.lstrip().removeprefix(",").lstrip()
        if text.startswith("]"):
            return
        try:
            item, end = decoder.raw_decode(text)
        except ValueError:
            if ended:
                raise
            more = stream.read(max(CHUNK, len(text)))
            text, ended = text + more, not more
            continue
        yield item
        text = text[end:]

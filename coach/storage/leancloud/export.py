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

from coach.storage.leancloud.pull import DOWNLOADS
from coach.storage.leancloud.wire import download, session


class ExportUnreadable(Exception):
    """What was given is no export; `str()` says why."""


class ConsoleExport:
    """Objects from files; audio still comes from the addresses that the export names."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise ExportUnreadable(f"{path}: there is no such file or folder")
        self._path = path
        self._files: dict[str, dict[str, Any]] | None = None
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
            wanted = ("objectId", "url", "metaData")
            every = ({name: item.get(name) for name in wanted} for item in self._objects("_File"))
            self._files = {item["objectId"]: item for item in every if item["objectId"] and item["url"]}
        return {object_id: self._files[object_id] for object_id in object_ids if object_id in self._files}

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
    """One JSON object a line, one array, or `{"results": […]}`."""
    first = stream.readline()
    while first.startswith("#"):
        first = stream.readline()
    if not first.strip():
        return
    try:
        if first.strip().startswith("{") and first.strip().endswith("}"):
            yield json.loads(first)
            for line in stream:
                if line.strip() and not line.startswith("#"):
                    yield json.loads(line)
            return
        whole = json.loads(first + stream.read())
    except ValueError:
        raise ExportUnreadable(f"{name}: not JSON") from None
    items = whole.get("results", []) if isinstance(whole, dict) else whole
    if not isinstance(items, list):
        raise ExportUnreadable(f"{name}: holds no list of objects")
    yield from items

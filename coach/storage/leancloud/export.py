"""The JSON export of LeanCloud's console as a source of objects: a folder or a zip of `<Class>.json` (or `.jsonl`)."""

import json
import zipfile
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

import requests

TIMEOUT = (5, 30)


class ExportUnreadable(Exception):
    """What was given is no export; `str()` says why."""


class ConsoleExport:
    """Objects from files; audio still comes from the addresses that the export names."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise ExportUnreadable(f"{path}: there is no such file or folder")
        self._path = path
        self._files: dict[str, dict[str, Any]] | None = None

    def scan(self, class_name: str, *, page: int = 500) -> Iterator[list[dict[str, Any]]]:
        some: list[dict[str, Any]] = []
        for item in self._objects(class_name):
            some.append(item)
            if len(some) == page:
                yield some
                some = []
        if some:
            yield some

    def find_file(self, object_id: str) -> dict[str, Any] | None:
        if self._files is None:
            self._files = {item["objectId"]: item for item in self._objects("_File")}
        return self._files.get(object_id)

    def download(self, url: str) -> bytes:
        reply = requests.get(url, timeout=TIMEOUT)
        if reply.status_code != 200:
            raise FileNotFoundError(f"the file's address answers {reply.status_code}")
        return reply.content

    def _objects(self, class_name: str) -> Iterator[dict[str, Any]]:
        for name, stream in self._parts(class_name):
            with stream:
                yield from _parsed(name, stream)

    def _parts(self, class_name: str) -> Iterator[tuple[str, IO[str]]]:
        wanted = {f"{class_name}.json", f"{class_name}.jsonl"}
        if self._path.is_dir():
            for path in sorted(self._path.rglob("*")):
                if path.name in wanted:
                    yield path.name, path.open(encoding="utf-8-sig")
            return
        try:
            archive = zipfile.ZipFile(self._path)
        except zipfile.BadZipFile:
            raise ExportUnreadable(f"{self._path}: neither a folder nor a zip archive") from None
        with archive:
            for name in sorted(archive.namelist()):
                if name.rsplit("/", 1)[-1] in wanted:
                    yield name, TextIOWrapper(archive.open(name), encoding="utf-8-sig")


def _parsed(name: str, stream: IO[str]) -> Iterator[dict[str, Any]]:
    """One JSON object a line, one array, or `{"results": […]}`."""
    first = stream.readline()
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

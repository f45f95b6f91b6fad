"""LeanCloud files as a Django storage.

A stored name is the id of a `_File` object. A name with a slash is a key; it finds the file if the answer to an earlier
save was lost. Anyone who knows a URL can fetch the file, so URLs stay inside the server.
"""

from collections.abc import Iterable
from io import BytesIO
from threading import Lock
from typing import IO, Any

import structlog
from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

from coach.leancloud import leaving
from coach.leancloud.app import ONE_TRY, client

log = structlog.get_logger(__name__)


@deconstructible
class LeanCloudFileStorage(Storage):
    """Reads whole files into memory; recordings are small. Raises LeanCloudError, FileNotFoundError."""

    def _open(self, name: str, mode: str = "rb") -> File:
        return File(BytesIO(client(ONE_TRY).download(self.url(name))), name)

    def _save(self, name: str, content: IO[Any]) -> str:
        stored = client(ONE_TRY).upload(name.rsplit("/", 1)[-1], content.read(), key=name)
        return stored.object_id

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def exists(self, name: str) -> bool:
        return _object_of(name) is not None

    def delete(self, name: str) -> None:
        if leaving.has_left():
            log.warning("LeanCloud was left: a file may remain there", where=name)
            return
        found = _object_of(name)
        if found is not None:
            client(ONE_TRY).delete_file(found["objectId"])
            _addresses.forget(name)

    def size(self, name: str) -> int:
        found = _object_of(name)
        if found is None:
            raise FileNotFoundError(name)
        about = found.get("metaData")
        size = about.get("size") if isinstance(about, dict) else None
        return size if isinstance(size, int) else len(client(ONE_TRY).download(self.url(name)))

    def url(self, name: str | None) -> str:
        if known := _addresses.get(name or ""):
            return known
        found = _object_of(name or "")
        if found is None:
            raise FileNotFoundError(name)
        url = found.get("url")
        if not isinstance(url, str) or not url:
            raise FileNotFoundError(name)
        know(name or "", url)
        return url


class _Addresses:
    """URLs of files. A URL never changes. The oldest entry is dropped first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: dict[str, str] = {}
        self._lock = Lock()

    def get(self, name: str) -> str | None:
        return self._known.get(name)

    def put(self, name: str, url: str) -> None:
        with self._lock:
            while len(self._known) >= self._size:
                del self._known[next(iter(self._known))]
            self._known[name] = url

    def forget(self, name: str) -> None:
        with self._lock:
            self._known.pop(name, None)

    def clear(self) -> None:
        with self._lock:
            self._known.clear()


_addresses = _Addresses(10_000)


def know(name: str, url: str) -> None:
    """Remember a file's URL."""
    _addresses.put(name, url)


def look_up(names: Iterable[str]) -> None:
    """Look up the URLs of many files in few requests. Raises LeanCloudError."""
    unknown = [name for name in names if "/" not in name and _addresses.get(name) is None]
    for object_id, file in client(ONE_TRY).find_files(unknown).items():
        if isinstance(file.get("url"), str) and file["url"]:
            know(object_id, file["url"])


def forget_all() -> None:
    _addresses.clear()


def _object_of(name: str) -> dict[str, Any] | None:
    if "/" not in name:
        return client(ONE_TRY).find_file(name)
    found = client(ONE_TRY).find("_File", {"key": name}, limit=1)
    return found[0] if found else None

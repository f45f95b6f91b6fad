"""LeanCloud files as a Django storage.

A stored name is the `_File` object's id. A name with a slash is the key under which the bytes are to be found when the
answer of an earlier save was lost. Addresses are public to whoever knows them, so they stay inside the server.
"""

from functools import lru_cache
from io import BytesIO
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

from coach.storage.leancloud.app import client


@deconstructible
class LeanCloudFileStorage(Storage):
    """Whole files in memory: recordings are a few hundred KiB at most. Raises LeanCloudError, FileNotFoundError."""

    def _open(self, name: str, mode: str = "rb") -> File:
        return File(BytesIO(client().download(self.url(name))), name)

    def _save(self, name: str, content: IO[Any]) -> str:
        stored = client().upload(name.rsplit("/", 1)[-1], content.read(), key=name)
        return stored.object_id

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def exists(self, name: str) -> bool:
        return _object_of(name) is not None

    def delete(self, name: str) -> None:
        found = _object_of(name)
        if found is not None:
            client().delete_file(found["objectId"])
            _address.cache_clear()

    def size(self, name: str) -> int:
        found = _object_of(name)
        if found is None:
            raise FileNotFoundError(name)
        return int(found["metaData"]["size"])

    def url(self, name: str | None) -> str:
        return _address(name or "")


@lru_cache(maxsize=10_000)
def _address(name: str) -> str:
    found = _object_of(name)
    if found is None:
        raise FileNotFoundError(name)
    return str(found["url"])


def _object_of(name: str) -> dict[str, Any] | None:
    if "/" not in name:
        return client().find_file(name)
    found = client().find("_File", {"key": name}, limit=1)
    return found[0] if found else None

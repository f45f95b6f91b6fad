"""Static files: hashed names once files were collected, plain names before that, so that a fresh checkout works."""

import hashlib
from collections.abc import Iterator
from typing import Any

import brotli
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.base import ContentFile
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from coach.pages import modules, styles

SMALL_BYTES = 64_000
MODULES = "js/"


class SoonCompressed(Compressor):
    """The best quality takes five times as long for a tenth fewer bytes: a first start does not wait for big files.

    Our own modules and style sheets are small ones, and every first visit loads dozens of them.
    """

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return brotli.compress(data, quality=11 if len(data) <= SMALL_BYTES else 9)


class HashedWhereCollected(CompressedManifestStaticFilesStorage):
    """Once `collectstatic` has written its manifest, every file must be in it; without a manifest names stay plain.

    Collecting also joins the style sheets, so that a first visit loads two files instead of dozens, and takes the
    comments out of them and out of our modules. The modules stand together in a folder that is named by the hash of
    them all, so that the relative paths by which they import each other lead to files that may be cached for ever.
    """

    _modules_hash = ""

    def create_compressor(self, **options: Any) -> Compressor:
        return SoonCompressed(**options)

    def url(self, name: str | None, force: bool = False) -> str:
        if not self.hashed_files and not force:
            return StaticFilesStorage.url(self, name)
        return super().url(name, force)

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        if not name.startswith(MODULES):
            return super().hashed_name(name, content, filename)
        return f"{self._modules_hash}/{name}"

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        scripts = [name for name in paths if name.startswith(("js/", "worklets/"))]
        if not dry_run:
            for name in scripts:
                self._write(name, modules.without_comments(self._read(name).decode()).encode())
            own = b"".join(name.encode() + self._read(name) for name in sorted(scripts) if name.startswith(MODULES))
            self._modules_hash = hashlib.sha256(own).hexdigest()[:12]
            paths = paths | {name: (self, name) for name in scripts}
        sheets = [name for name in paths if name.startswith("css/") and name.endswith(".css")]
        if sheets and not dry_run:
            files = {styles.TOGETHER: styles.everywhere(sheets)}
            files |= {styles.of_place(place): styles.only_at(place, sheets) for place in styles.PLACES}
            for name, parts in files.items():
                self._write_together(name, parts)
            paths = paths | {name: (self, name) for name in files}
        yield from super().post_process(paths, dry_run, **options)

    def _write_together(self, name: str, sheets: list[str]) -> None:
        joined = "\n".join(self._read(sheet).decode() for sheet in sheets)
        self._write(name, styles.as_served(joined).encode())

    def _write(self, name: str, content: bytes) -> None:
        self.delete(name)
        self._save(name, ContentFile(content))

    def _read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

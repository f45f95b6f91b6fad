"""Serves single files of npm packages under the static URL, where the whole folder would add a hundred megabytes."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from coach.config import ROOT

NPM_FILES: dict[str, str] = {
    "npm/onnxruntime-web/ort.mjs": "onnxruntime-web/dist/ort.wasm.bundle.min.mjs",
    "npm/onnxruntime-web/ort.wasm": "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
    "npm/vad-web/silero_vad.onnx": "@ricky0123/vad-web/dist/silero_vad_v6.onnx",
}
"""Path under the static URL → file under `node_modules`."""


class _OneFile(FileSystemStorage):
    """A storage with one file of a package under its static name, as `collectstatic` needs it."""

    def __init__(self, file: Path) -> None:
        super().__init__(location=file.parent)
        self._file = file

    def path(self, name: str) -> str:
        return str(self._file)


class NpmFileFinder(BaseFinder):
    def __init__(self) -> None:
        self._files = {name: ROOT / "node_modules" / file for name, file in NPM_FILES.items()}

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        file = self._files.get(str(PurePosixPath(path)))
        found = [str(file)] if file is not None and file.is_file() else []
        return found if find_all else next(iter(found), [])

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for name, file in self._files.items():
            if file.is_file():
                yield name, _OneFile(file)

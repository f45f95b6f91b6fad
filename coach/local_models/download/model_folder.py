"""Where the model files are in VAR_DIR, and whether they are complete."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coach.local_models.download.model_files import ModelFile


class ModelFolder:
    """The folder of model files. `present` is fast: it trusts the marker written after a full check."""

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self.root = var_dir / "models"

    def path(self, file: ModelFile) -> Path:
        return self.root / file.path

    def present(self, file: ModelFile) -> bool:
        path, marker = self.path(file), self._marker(file)
        return (
            path.is_file()
            and path.stat().st_size == file.size
            and marker.is_file()
            and marker.read_text().strip() == file.sha256
        )

    def progress(self, file: ModelFile) -> float:
        """How much of the file is here, from 0 to 1, for processes that wait while another one downloads it."""
        partial = self.path(file).with_name(self.path(file).name + ".partial")
        return 1.0 if self.present(file) else partial.stat().st_size / file.size if partial.exists() else 0.0

    def _marker(self, file: ModelFile) -> Path:
        path = self.path(file)
        return path.with_name(path.name + ".sha256")

    def accept(self, file: ModelFile, partial: Path) -> None:
        os.replace(partial, self.path(file))
        self._marker(file).write_text(file.sha256 + "\n")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Allow one download at a time; a second process waits and then finds the work done."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

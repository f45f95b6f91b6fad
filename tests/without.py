"""Copies the product without a part of it, and runs commands in that copy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ["coach", "practice", "evaluations", "history", "templates", "locale", "seed-data", "tests"]


def without(copy: Path, *removed: str) -> Path:
    """Copy the product into `copy` without `removed`: paths or glob patterns. Returns `copy`."""
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name)  # with its bytecode, which is valid there too
    for name in ("manage.py", "pyproject.toml", "package.json"):
        shutil.copy(ROOT / name, copy / name)
    for name in ("static", "node_modules"):
        (copy / name).symlink_to((ROOT / name).resolve())
    for path in [path for pattern in removed for path in copy.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return copy


def run(where: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with these arguments in the copy, with its own VAR_DIR and without this run's settings."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LEAN_", "PYTEST_", "TEST_SHARED_DIR"))
    }
    environment |= {"VAR_DIR": str(where / "var"), "PYTHONPATH": str(where)}
    return subprocess.run(
        [sys.executable, *command], cwd=where, env=environment, capture_output=True, text=True, check=False
    )

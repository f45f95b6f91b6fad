"""LeanCloud can be taken out of the product in one step, and what is left works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ["coach", "practice", "evaluations", "history", "templates", "locale", "seed-data", "tests"]
ITS_OWN = ["coach/leancloud", "tests/leancloud"]
GIVEN_BY_APPS = "leancloud*.py"
LISTED = '    "coach.leancloud",\n'
SMOKE = [
    "tests/storage/test_audio_upload.py",
    "tests/storage/test_moving_and_backup.py",
    "tests/history/test_erasure.py",
    "tests/history/test_pages.py",
    "tests/admin/test_operations.py",
]


@pytest.fixture
def without_leancloud(tmp_path: Path) -> Path:
    """A copy of the product without it."""
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name)  # with its bytecode, which is valid there too
    for name in ("manage.py", "pyproject.toml", "package.json"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("static", "node_modules"):
        (tmp_path / name).symlink_to((ROOT / name).resolve())
    for name in ITS_OWN:
        shutil.rmtree(tmp_path / name)
    for app in ("practice", "evaluations", "history"):
        for given in (tmp_path / app).glob(GIVEN_BY_APPS):
            given.unlink()
    settings = tmp_path / "coach" / "settings.py"
    text = settings.read_text()
    assert text.count(LISTED) == 1
    settings.write_text(text.replace(LISTED, ""))
    return tmp_path


def run(where: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LEAN_", "PYTEST_", "TEST_SHARED_DIR"))
    }
    environment |= {"VAR_DIR": str(where / "var"), "PYTHONPATH": str(where)}
    return subprocess.run(
        [sys.executable, *command], cwd=where, env=environment, capture_output=True, text=True, check=False
    )


def test_without_leancloud_the_rest_migrates_and_passes_its_tests(without_leancloud: Path) -> None:
    assert "leancloud" not in run(without_leancloud, "manage.py", "help").stdout
    checked = run(without_leancloud, "manage.py", "makemigrations", "--check", "--dry-run")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = run(without_leancloud, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SMOKE)
    assert tested.returncode == 0, tested.stdout[-3000:] + tested.stderr[-1000:]

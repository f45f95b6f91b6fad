"""Setup on a new machine: missing parts are named in one sentence, and incomplete steps are redone."""

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "scripts" / "bootstrap"


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """Makes the modules of scripts/bootstrap importable, as when the directory is run."""
    names = ["console", "commands", "python_packages", "browser_modules", "system_packages", "serve"]
    monkeypatch.syspath_prepend(str(BOOTSTRAP))
    yield {name: __import__(name) for name in names}
    for name in [*names, "alone"]:
        sys.modules.pop(name, None)


@pytest.fixture
def empty(bootstrap: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module `python_packages`, for a checkout that was never set up."""
    packages = bootstrap["python_packages"]
    for name, path in {"ROOT": tmp_path, "VENV": tmp_path / ".venv"}.items():
        monkeypatch.setattr(packages, name, path)
    monkeypatch.setattr(packages, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(packages, "STAMPS", tmp_path / ".venv" / ".installed")
    return packages


def executable(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def up(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `scripts/up` with only the shell's own tools and the files of `path` on PATH."""
    for tool in ("bash", "dirname", "env"):
        (path / tool).symlink_to(str(shutil.which(tool)))
    script = (BOOTSTRAP / "with-python").read_text().replace(" /usr/bin/python3;", ";")
    (path / "with-python").write_text(script)
    return subprocess.run(
        ["bash", path / "with-python", "up", *arguments],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    executable(tmp_path / "python3", 'case "$2" in *print*) echo 3.9;; *) exit 1;; esac')
    done = up(tmp_path)
    assert done.returncode == 1
    assert "3.11" in done.stderr
    assert "3.9" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_machine_without_python_is_told_what_to_install(tmp_path: Path) -> None:
    done = up(tmp_path)
    assert done.returncode == 1
    assert "apt-get install python3" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_missing_venv_module_is_told_what_to_install(empty: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(Exception, match=r"apt-get install python3\.\d+-venv"):
        empty.ensure_environment()


def test_a_full_disk_is_reported_before_anything_is_fetched(empty: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    nearly_full = shutil.disk_usage("/")._replace(free=5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: nearly_full)
    with pytest.raises(Exception, match=r"The disk is too full: 100 MB are needed .* 5 MB are free"):
        empty.ensure_environment()


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("npm error code ENOSPC", "the disk is full"),
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "the network cannot"),
        ("npm error code ENOTFOUND", "the network cannot"),
        ("Temporary failure resolving 'deb.debian.org'", "the network cannot"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "checksum"),
        ("npm error code EINTEGRITY", "checksum"),
        ("some noise\nERROR: something else broke\nmore noise", "something else broke"),
        ("", "status 7"),
    ],
)
def test_the_reason_of_a_failed_program_becomes_one_sentence(
    bootstrap: dict[str, ModuleType], output: str, reason: str
) -> None:
    said = bootstrap["commands"].reason(output.splitlines(), 7)
    assert reason in said
    assert said.endswith(".")
    assert "\n" not in said


@pytest.mark.processes
def test_without_network_one_sentence_says_so_and_an_incomplete_environment_is_rebuilt(
    empty: ModuleType, bootstrap: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "setup.txt", tmp_path / "requirements")
    shutil.copy(ROOT / "requirements" / "setup.txt", tmp_path / "requirements" / "base.txt")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1"}
    for name, value in offline.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")

    with pytest.raises(Exception, match="the network cannot be reached.*run this again"):
        empty.ensure("base")
    assert not empty.is_installed("base")
    done = subprocess.run([tmp_path / ".venv" / "bin" / "python", "-c", "import pip"], check=False)
    assert done.returncode == 0


def test_installed_packages_are_not_installed_again(empty: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    lock = tmp_path / "requirements" / "base.txt"
    lock.write_text("one==1\n")
    empty.STAMPS.mkdir(parents=True)
    empty._stamp("base")
    assert empty.is_installed("base")
    lock.write_text("one==2\n")
    assert not empty.is_installed("base")


def test_progress_shows_packages_bytes_rate_and_time_left(
    empty: ModuleType, bootstrap: dict[str, ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    step = bootstrap["console"].Step("Python packages")
    step.repeat_seconds = 0
    step.started -= 10
    progress = empty._Progress(step, wanted=8)
    for number in range(4):
        progress.read(f"Collecting one{number}==1")
    progress.read("  Downloading one-1.whl (20.0 MB)")
    progress.read("Progress 20000000 of 20000000")
    progress.read("Progress 5000000 of 9000000")
    said = capsys.readouterr().out.strip().splitlines()[-1]
    assert "package 4 of 8" in said
    assert "25.0 MB" in said
    assert "2.5 MB/s" in said
    assert "about 10 s left" in said


def test_a_taken_port_is_refused_before_anything_is_installed(bootstrap: dict[str, ModuleType]) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Exception, match=f"Port {port} on 127.0.0.1 is taken"):
            bootstrap["serve"]._require_port("127.0.0.1", port)


def test_the_closing_line_adds_up_all_runs() -> None:
    closing_line = runpy.run_path(str(ROOT / "scripts" / "ci" / "closing_line.py"))["closing_line"]
    lines = ["=== 3 passed, 1 skipped, 1 warning in 1.50s ===", "1 failed, 2 passed in 2.00s", "no tests ran in 0.01s"]
    assert closing_line(lines, 3.0).strip("= ") == "1 failed, 5 passed, 1 skipped, 1 warnings in 3.00s"
    assert closing_line([], 0.0).strip("= ") == "no tests ran in 0.00s"

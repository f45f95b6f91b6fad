"""Creates the virtual environment in .venv and installs what the locks in requirements/ pin."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from commands import ROOT, run
from console import MB, Heartbeat, Step, Trouble

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / ".installed"

# Free space required before starting: downloads, unpacked files and pip's own cache.
SPACE_NEEDED = {"base": 700 * MB, "local": 2500 * MB, "dev": 3500 * MB, "node": 500 * MB, "setup": 50 * MB}
TITLES = {
    "base": "Python packages",
    "local": "Packages for the local models",
    "dev": "Python packages and what the tests need",
    "node": "Node",
}


def ensure(lock):
    """Make .venv contain exactly what requirements/<lock>.txt pins (plus whatever else was installed there before)."""
    ensure_environment()
    if lock != "setup" and not is_installed(lock):
        if not is_installed("setup"):
            _install("setup", f"Installer for Python {sys.version_info[0]}.{sys.version_info[1]}")
        _install(lock, TITLES[lock])


def is_installed(lock):
    stamp = STAMPS / lock
    return stamp.is_file() and stamp.read_text() == _fingerprint(lock)


def ensure_environment():
    if PYTHON.exists() and _works():
        return
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise Trouble(
            f"Python's venv module is missing: install it (on Debian: apt-get install python{version}-venv) "
            "and run this again."
        ) from None
    with Step("Python environment in .venv"):
        if VENV.exists():
            shutil.rmtree(VENV)
        require_space(100 * MB, VENV.parent)
        run([sys.executable, "-m", "venv", VENV], what="The Python environment could not be made")


def _works():
    """Whether the environment works: not if it is incomplete, was moved, or its Python was removed."""
    made_here = f" {VENV}\n" in (VENV / "pyvenv.cfg").read_text() if (VENV / "pyvenv.cfg").exists() else False
    if made_here and STAMPS.is_dir():
        return os.access(PYTHON.resolve(), os.X_OK)
    check = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    return made_here and subprocess.run([str(PYTHON), "-c", check], capture_output=True, check=False).returncode == 0


def _fingerprint(lock):
    text = (ROOT / "requirements" / f"{lock}.txt").read_bytes()
    return hashlib.sha256(text + str(PYTHON.resolve()).encode()).hexdigest()


def _install(lock, title):
    requirements = ROOT / "requirements" / f"{lock}.txt"
    wanted = len(re.findall(r"^\S+==", requirements.read_text(), re.MULTILINE))
    require_space(SPACE_NEEDED.get(lock, 500 * MB), VENV)
    with Step(title) as step:
        progress = _Progress(step, wanted)
        command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-input", "--disable-pip-version-check"]
        # Compiling everything takes a third of the installation time; Python compiles what it imports anyway.
        command += ["--no-compile"]
        if lock != "setup":
            command += ["--progress-bar", "raw"]
        with Heartbeat(progress.beat):
            run([*command, "-r", requirements], what=f"{title} could not be installed", line=progress.read)
        step.outcome = progress.summary()
    STAMPS.mkdir(exist_ok=True)
    if lock in ("local", "dev"):
        _stamp("base")
    if lock == "dev":
        _stamp("local")
    _stamp(lock)


def _stamp(lock):
    (STAMPS / lock).write_text(_fingerprint(lock))


def require_space(needed, where):
    """Raise Trouble if the file system of `where` has less than `needed` bytes free."""
    while not where.exists():
        where = where.parent
    free = shutil.disk_usage(where).free
    if free < needed:
        raise Trouble(
            f"The disk is too full: {needed / MB:.0f} MB are needed under {where} and {free / MB:.0f} MB are free; "
            "free some space and run this again."
        )


class _Progress:
    """Parses pip's output: packages listed so far, bytes downloaded, then packages unpacked."""

    def __init__(self, step, wanted):
        self.step = step
        self.wanted = wanted
        self.named = 0
        self.fetched = 0
        self.current = 0
        self.installing_since = None
        self.already = 0

    def read(self, line):
        if match := re.match(r"Progress (\d+) of (\d+)", line):
            self.current = int(match[1])
            if match[1] == match[2]:
                self.fetched += self.current
                self.current = 0
        elif match := re.match(r"\s*Downloading \S+ \((\d+(?:\.\d+)?) (kB|MB|GB|bytes)\)", line):
            # pip prints no progress for small files.
            unit = {"bytes": 1, "kB": 1000, "MB": MB, "GB": 1000 * MB}[match[2]]
            if float(match[1]) * unit < 512 * 1000:
                self.fetched += int(float(match[1]) * unit)
        elif re.match(r"(Collecting|Processing|Requirement already satisfied)", line):
            self.named += 1
            self.already += line.startswith("Requirement already")
        elif line.startswith("Installing collected packages"):
            self.installing_since = time.monotonic()
        self.beat()

    def beat(self):
        if self.installing_since:
            done = sum(1 for path in site_packages().glob("*.dist-info"))
            self.step.show(f"unpacking, {min(done, self.named)} of {self.named}")
        else:
            elapsed = time.monotonic() - self.step.started
            left = elapsed / self.named * max(0, self.wanted - self.named) if self.named > 3 else None
            self.step.show(f"package {self.named} of {self.wanted}", self.fetched + self.current, left_seconds=left)

    def summary(self):
        fresh = self.named - self.already
        return f"{fresh} installed, {self.fetched / MB:.0f} MB fetched" if fresh else "nothing new"


def site_packages():
    return next(iter((VENV / "lib").glob("python3.*/site-packages")), Path(VENV))

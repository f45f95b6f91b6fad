"""Installs programs that the tests need from Debian.

Browser, PostgreSQL, Chinese fonts. Running the coach needs none of them.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from commands import run
from console import Step, Trouble


def chromium():
    """Path of an installed Chromium or Chrome, or None.

    The headless shell comes first: it takes a third less CPU time than the full browser in headless mode.
    """
    names = [os.environ.get("CHROMIUM", ""), "chromium-headless-shell", "chrome-headless-shell"]
    names += ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    return next((found for name in names if name and (found := shutil.which(name))), None)


def postgresql_programs():
    """The directory of initdb and pg_ctl, of the newest version, or None."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    found = [path for path in versions if (path / "initdb").exists()]
    if found:
        return found[0]
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def _chinese_fonts():
    if not shutil.which("fc-list"):
        return None
    return subprocess.run(["fc-list", ":lang=zh", "file"], capture_output=True, text=True, check=False).stdout.strip()


def _espeak():
    return shutil.which("espeak-ng")


NEEDS = {
    "chromium-headless-shell": ("a browser (Chromium)", chromium),
    "postgresql": ("PostgreSQL", postgresql_programs),
    "fonts-noto-cjk": ("fonts for Chinese", _chinese_fonts),
    "espeak-ng": ("a voice for recordings in tests (espeak-ng)", _espeak),
}


def missing():
    """The names of missing packages. Raises Trouble, which names them, if they cannot be installed here."""
    names = [name for name, (_, look) in NEEDS.items() if not look()]
    if not names:
        return []
    what = _titles(names)
    if "fonts-noto-cjk" in names:
        names.append("fontconfig")
    command = "apt-get install " + " ".join(names)
    if not shutil.which("apt-get"):
        raise Trouble(f"The tests need {what}: install with your system's package manager (on Debian: {command}).")
    if _become_root() is None:
        raise Trouble(f"The tests need {what}, and installing it needs root: run `sudo {command}` and then this again.")
    return names


def install(names):
    """Install what is `missing` with apt-get. Raises Trouble if that fails."""
    if not names:
        return
    become = _become_root()
    environment = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    with Step(f"Debian packages ({', '.join(names)})") as step:
        seen = 0

        def read(line):
            nonlocal seen
            if re.match(r"(Get:|Unpacking|Setting up)", line):
                seen += 1
                step.show(line[:100])

        run(
            [*become, "apt-get", "update", "-q"],
            what="The package list could not be fetched",
            line=read,
            env=environment,
        )
        run(
            [*become, "apt-get", "install", "-q", "-y", "--no-install-recommends", *names],
            what=f"{_titles(names)} could not be installed",
            line=read,
            env=environment,
        )
        step.outcome = "installed"


def _titles(names):
    return ", ".join(NEEDS[name][0] for name in names if name in NEEDS)


def _become_root():
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    if subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    if sys.stdin.isatty() and subprocess.run(["sudo", "-v"], check=False).returncode == 0:
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None

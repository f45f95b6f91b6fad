"""Compiles the translations that pages read: locale/**/*.mo from the .po files, without a system package."""

import subprocess

import python_packages
from commands import ROOT
from console import Step, Trouble

LOCALES = ROOT / "locale"


def ensure():
    """Compile files that are missing or older than their source."""
    sources = list(LOCALES.rglob("*.po"))
    if all(_compiled(source) for source in sources):
        return
    with Step("Translations") as step:
        command = [
            str(python_packages.PYTHON),
            "-m",
            "babel.messages.frontend",
            "compile",
            "-D",
            "django",
            "-d",
            "locale",
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Trouble(f"The translations could not be compiled: {done.stderr.strip().splitlines()[-1]}")
        step.outcome = f"{len(sources)} of {len(sources)}"


def _compiled(source):
    compiled = source.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime

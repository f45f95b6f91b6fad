"""Release checks: the secret scan, and the list of components."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coach.config import ROOT

SCAN = [sys.executable, "scripts/ci/secret_scan.py"]
# Assembled here, so that this file does not contain a secret itself.
SECRETS = {
    "private key": "-----BEGIN RSA PRIVATE" + " KEY-----\nMIIEow",
    "API key (sk-…)": "key = 'sk-" + "a1b2c3d4e5f6a7b8c9d0e1f2a3b4'",
    "AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "GitHub token": "ghp_" + "a" * 36,
    "password in a URL": "postgres://coach:" + "hunter2hunter2@db.internal/coach",
    "secret in a setting": "CHATAI_API_KEY" + "=abcdef0123456789abcdef",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_found_by_file_and_line_and_not_printed(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.txt"
    file.write_text(f"first line\n{SECRETS[kind]}\n")
    done = subprocess.run([*SCAN, str(file)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (1, f"{file}:2: {kind}")


def test_examples_and_names_of_secrets_are_not_reported(tmp_path: Path) -> None:
    file = tmp_path / "settings.txt"
    file.write_text("SECRET_KEY=${SECRET_KEY:?needed}\nCHATAI_API_KEY=\npostgres://user:password@db/coach\nsk-test\n")
    assert subprocess.run([*SCAN, str(file)], cwd=ROOT, check=False).returncode == 0


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm lists the browser's parts")
def test_the_sbom_lists_every_locked_package(tmp_path: Path) -> None:
    subprocess.run(["scripts/sbom", str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    python, browser = (json.loads((tmp_path / f"{name}.cdx.json").read_text()) for name in ("python", "browser"))
    assert {python["bomFormat"], browser["bomFormat"]} == {"CycloneDX"}
    locked = re.findall(r"^([a-z][\w.-]*)==", (ROOT / "requirements/base.txt").read_text(), re.MULTILINE)
    assert sorted(part["name"].lower() for part in python["components"]) == sorted(locked)
    assert "wasm-media-encoders" in {part["name"] for part in browser["components"]}

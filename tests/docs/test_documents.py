"""The commands in the documents work, and the files, links and settings that they name exist.

A code block marked `checked` (```` ```sh checked ````) is run as it stands, with its own directory for /tmp. One marked
`with-server` is run against a running coach, whose address is in `COACH`.
"""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from coach.config import names
from tests.browser.stack import running as running_with_catalog
from tests.stack import Stack, migrated

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "seed-data").glob("*.md")])
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Read by libraries, or by docker-compose.yml itself.
OF_LIBRARIES = re.compile(r"(AWS|OTEL|PIP|PG|COACH)_?\w*|HTTPS_PROXY|SITE_ADDRESS|POSTGRES_PASSWORD")


def blocks(*marks: str) -> list[object]:
    found = []
    for document in DOCUMENTS:
        for number, (language, mark, text) in enumerate(BLOCK.findall(document.read_text()), 1):
            if mark.strip() in marks:
                name = f"{document.relative_to(ROOT)}-{number}"
                found.append(pytest.param(language, text, id=name))
    return found


def run(language: str, text: str, **environment: str) -> subprocess.CompletedProcess[str]:
    text = text.replace(".venv/bin/python", sys.executable)
    command = [sys.executable, "-c", text] if language == "python" else ["bash", "-euo", "pipefail", "-c", text]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.processes
@pytest.mark.parametrize(("language", "text"), blocks("checked"))
def test_a_command_of_the_documents_works(language: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    shutil.copy(migrated(), tmp_path)
    done = run(language, text.replace("/tmp/", f"{tmp_path}/"), VAR_DIR=str(tmp_path), DATABASE_URL="")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_shell_command_has_valid_syntax() -> None:
    for document in DOCUMENTS:
        for indent, text in re.findall(
            r"^( *)```sh[^\n]*\n(.*?)^\1```$", document.read_text(), re.MULTILINE | re.DOTALL
        ):
            commands = textwrap.dedent(indent + text)
            parsed = subprocess.run(["bash", "-n", "-c", commands], capture_output=True, text=True, check=False)
            assert (parsed.returncode, parsed.stderr) == (0, ""), (document, commands)


@pytest.fixture(scope="module")
def coach() -> Iterator[Stack]:
    with running_with_catalog() as running:
        yield running


@pytest.mark.processes
@pytest.mark.timeout(240)
@pytest.mark.parametrize(("language", "text"), blocks("with-server"))
def test_a_command_of_the_documents_works_with_a_running_coach(coach: Stack, language: str, text: str) -> None:
    done = run(language, text, COACH=coach.address())
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.processes
@pytest.mark.timeout(240)
def test_the_example_client_completes_a_session_by_the_socket(coach: Stack) -> None:
    command = [sys.executable, "docs/examples/talk.py", coach.address(), "Can we talk?", "What is in your way?"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    speakers = [line.partition(":")[0] for line in done.stdout.splitlines()]
    assert speakers[:7] == ["AI", "You", "AI", "You", "AI", "Ended", "Feedback"], done.stdout
    assert "Ended: manual" in done.stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_has_a_target(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text())
    inner = [target for target in targets if "://" not in target and not target.startswith("/")]
    assert [target for target in inner if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_named_script_and_command_exists(document: Path) -> None:
    text = document.read_text()
    scripts = set(re.findall(r"(?<![\w/.])scripts/[\w./-]*[\w]", text))
    assert [name for name in sorted(scripts) if not (ROOT / name).exists()] == []
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert sorted(commands - set(get_commands()) - {"audio", "backup"}) == []


def known_variables() -> set[str]:
    return set(names())


@pytest.mark.parametrize("document", [".env.example", "docs/operations.md", "README.md"])
def test_every_named_setting_exists(document: str) -> None:
    text = (ROOT / document).read_text()
    pattern = r"^#?([A-Z][A-Z0-9_]+)=" if document == ".env.example" else r"^\| (`[A-Z][^|]*)\|"
    named = set(re.findall(r"\b[A-Z][A-Z0-9_]{3,}\b", " ".join(re.findall(pattern, text, re.MULTILINE))))
    assert named, "no setting found"
    unknown = {name for name in named - known_variables() if not OF_LIBRARIES.fullmatch(name)}
    assert sorted(unknown) == []


@pytest.mark.parametrize("document", [".env.example", "docs/operations.md"])
def test_every_setting_is_explained(document: str) -> None:
    text = (ROOT / document).read_text()
    # For services with a dialect of their own; explained where the code reads them.
    quiet = {"EVALUATOR_EFFORT"}
    assert sorted(name for name in known_variables() - quiet if name not in text) == []

"""The claims of docs/security.md are true."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from coach.config import ROOT

TEXT = (ROOT / "docs/security.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TEXT)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_named_test_exists(file: str, name: str) -> None:
    assert re.search(rf"^ *(async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE)


def test_every_threat_names_a_test() -> None:
    table = TEXT.split("## Who tries what")[1].split("**Not guarded")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 10
    assert [row for row in rows if "::test_" not in row.rsplit("|", 2)[1]] == []


BEHIND_TLS = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "coach.settings"
import django
django.setup()
from django.core.management import call_command
from django.test import Client
there = {"SERVER_NAME": "coach.example.org"}
plain, answer = Client(**there).get("/history/"), Client(**there).get("/healthz")
assert (plain.status_code, plain["Location"]) == (301, "https://coach.example.org/history/"), plain
assert (answer.status_code, "Strict-Transport-Security" in answer) == (200, False), answer
answer = Client(**there, HTTP_X_FORWARDED_PROTO="https").get("/healthz")
assert answer["Strict-Transport-Security"] == "max-age=31536000", answer.headers
call_command("check", deploy=True, fail_level="INFO")
"""


@pytest.mark.parametrize("auth", ["stub", "login"])
def test_behind_tls_the_deployment_check_finds_nothing_and_plain_requests_are_redirected(
    tmp_path: Path, auth: str
) -> None:
    given = {"VAR_DIR": str(tmp_path), "BEHIND_PROXY": "1", "ALLOWED_HOSTS": "coach.example.org", "TRAINEE_AUTH": auth}
    command = [sys.executable, "-c", BEHIND_TLS]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **given}, capture_output=True, text=True, check=False)
    # A machine's SQLite may have a known bug (tests/storage/test_sqlite_version.py); no other finding is allowed.
    assert done.returncode == 0 or set(re.findall(r"\(([\w.]+)\) ", done.stderr)) == {"coach.W001"}, done.stderr

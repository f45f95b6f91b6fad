"""Finds text in the repository that looks like a secret: keys with a known form, private keys, passwords in URLs.

`scripts/ci/secret_scan.py [FILE…]`; without arguments all files that git knows. Exits 1 and names file, line and kind,
never the secret. A line that is meant to look like one must contain `not a secret`.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

KINDS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*\S"),
    "API key (sk-…)": re.compile(r"\bsk-(?:[a-z]+-)?(?=[\w-]*\d)[A-Za-z0-9_-]{24,}"),
    "AWS access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,})"),
    "Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    "Google API key": re.compile(r"\bAIza[\w-]{35}"),
    "Slack token": re.compile(r"\bxox[abprs]-[\w-]{20,}"),
    "JSON web token": re.compile(r"\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{15,}"),
    "LeanCloud master key": re.compile(r"\b[A-Za-z0-9]{20,},master\b"),
    "password in a URL": re.compile(
        r"\b[a-z][a-z0-9+]*://[^\s:/@'\"{$]+:(?!password@|p%40ss@|secret@|pw@)[^\s:/@'\"{$]{8,}@"
    ),
    "secret in a setting": re.compile(
        r"^\s*(?:export )?[A-Z_]*(?:SECRET|PASSWORD|API_KEY|MASTER_KEY|TOKEN)[A-Z_]*=(?=\S*\d)[^\s$\"'{}<>#]{16,}",
        re.MULTILINE,
    ),
}
MEANT = "not a secret"
LARGEST_BYTES = 2_000_000


def main(given: list[str]) -> int:
    names = given or subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True).stdout.split(
        "\0"
    )
    files = [Path(name) for name in names if name and Path(name).is_file()]
    found = [f"{path}:{line}: {kind}" for path in files for line, kind in secrets_in(path)]
    print("\n".join(found) or f"No secret in {len(files)} files.")
    return 1 if found else 0


def secrets_in(path: Path) -> Iterator[tuple[int, str]]:
    if path.stat().st_size > LARGEST_BYTES:
        return
    content = path.read_bytes()
    if b"\0" in content:
        return
    text = content.decode("utf-8", "replace")
    lines = text.splitlines()
    for kind, form in KINDS.items():
        for match in form.finditer(text):
            number = text.count("\n", 0, match.start() + len(match[0]) - len(match[0].lstrip())) + 1
            if MEANT not in lines[number - 1]:
                yield number, kind


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

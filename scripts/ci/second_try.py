"""Runs the files of the few tests that failed beside everything else once more, alone.

`second_try.py FOLDER FAILED`: FOLDER holds a file `failing-LANE` for each run of pytest in which tests failed, one node
id a line (tests/conftest.py writes it); FAILED lists the checks that failed, one a line. Exits 0 if nothing else failed
and those files pass now, and names the tests: docs/decisions/0119 says why that is enough. Needs the
environment that validate-feature.sh sets up.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

AT_MOST = 3  # more than this is no accident
# As in validate-feature.sh, for a file with tests of several phases.
MARKS = {
    "sqlite": "not browser and not processes and not models",
    "processes": "processes and not browser and not models",
    "pg": "postgres and not browser and not models",
    "models": "models and not browser",
}


def steady_after_all(folder: Path, failed_checks: list[str], command: tuple[str, ...] = ("-m", "pytest", "-q")) -> bool:
    lanes = {each.name.removeprefix("failing-"): _named(each.read_text()) for each in sorted(folder.glob("failing-*"))}
    tests = [test for failing in lanes.values() for test in failing]
    twice = len(set(tests)) < len(tests)  # on two databases: no accident
    if not tests or len(tests) > AT_MOST or len(lanes) < len(failed_checks) or twice:
        return False
    for lane, failing in lanes.items():
        environment = {**os.environ, "VAR_DIR": str(folder / f"second-{lane}")}
        if lane == "pg":
            environment["DATABASE_URL"] = os.environ["TEST_POSTGRES_URL"]
        # The whole file, because what a test depends on is often the one before it.
        files = dict.fromkeys(test.partition("::")[0] for test in failing)
        again = [sys.executable, *command, "-m", MARKS.get(lane, "browser"), *files]
        if subprocess.run(again, env=environment, check=False).returncode:
            return False
    for test in tests:
        print(f"UNSTEADY: {test} failed beside others (see above) and passed alone. That is a defect: find out whose.")
    return True


def _named(lines: str) -> list[str]:
    """Each test once, without the group that pytest-xdist adds to its name."""
    return list(dict.fromkeys(re.sub(r"@[\w-]+$", "", line) for line in lines.splitlines()))


if __name__ == "__main__":
    sys.exit(not steady_after_all(Path(sys.argv[1]), Path(sys.argv[2]).read_text().splitlines()))

"""After an orderly shutdown a process exits at once, but only after exit handlers ran and output was flushed."""

import subprocess
import sys

import pytest

from coach.config import ROOT

PROGRAM = """
from coach import quick_exit
import atexit, os, sys

class Heap:
    def __del__(self, write=os.write): write(1, b"taken apart\\n")

heap = Heap()
atexit.register(print, "flushed", flush=True)
{ending}
"""


@pytest.mark.parametrize(
    ("ending", "status", "said"),
    [
        ("quick_exit.ended_in_order(0)", 0, ["flushed"]),
        ("quick_exit.ended_in_order(3)", 3, ["flushed"]),
        ("sys.exit(4)", 4, ["flushed", "taken apart"]),
    ],
)
def test_exit_handlers_run_and_output_is_flushed_but_objects_are_not_destroyed(
    ending: str, status: int, said: list[str]
) -> None:
    program = PROGRAM.format(ending=ending)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()) == (status, said), done.stderr

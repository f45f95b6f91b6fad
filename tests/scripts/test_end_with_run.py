"""A killed test run leaves no servers behind."""

import os
import subprocess
import sys

import psutil

from tests import end_with_run
from tests.scripts.installation import ROOT

BEGINS = """
import subprocess, sys
from tests import end_with_run
end_with_run.begin(grace_seconds=0)
print(subprocess.Popen(["sleep", "600"], start_new_session=True).pid, flush=True)
sys.stdin.read()
"""


def test_processes_of_a_killed_run_are_ended() -> None:
    unmarked = {name: value for name, value in os.environ.items() if name != end_with_run.MARK}
    command = [sys.executable, "-c", BEGINS]
    with subprocess.Popen(command, cwd=ROOT, env=unmarked, stdin=-1, stdout=-1, text=True) as run:
        assert run.stdout
        server = psutil.Process(int(run.stdout.readline()))
        assert server.is_running()
        run.kill()
    _, alive = psutil.wait_procs([server], timeout=60)
    assert alive == []


def test_this_run_is_watched_too() -> None:
    assert os.environ[end_with_run.MARK]

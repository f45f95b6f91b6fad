"""Ends all processes that a test run has started once the run is over, also if the run was killed.

Every process of a run has its mark in the environment, which children inherit.
"""

import contextlib
import os
import sys
import time

import psutil

MARK = "COACH_TEST_RUN"
GRACE_SECONDS = 10.0  # fixtures have this long to end their servers themselves
LOOK_SECONDS = 0.25


def begin(grace_seconds: float = GRACE_SECONDS) -> None:
    """Mark this process and start a watcher that waits for its end; does nothing if a run is already marked."""
    if os.environ.get(MARK):
        return
    run = f"{os.getpid()}-{time.time_ns()}"
    its_input, _ = os.pipe()  # The other end stays open until this process ends.
    command = [sys.executable, "-E", __file__, run, str(grace_seconds)]
    quiet = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_WRONLY, 0) for descriptor in (1, 2)]
    files = [(os.POSIX_SPAWN_DUP2, its_input, 0), *quiet]
    os.posix_spawn(command[0], command, os.environ, file_actions=files, setsid=True)
    os.close(its_input)
    os.environ[MARK] = run


def main(run: str, grace_seconds: float) -> None:
    sys.stdin.read()
    deadline = time.monotonic() + grace_seconds
    while left := _processes(run):
        if time.monotonic() >= deadline:
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):  # It has ended meanwhile.
                    process.kill()
        psutil.wait_procs(left, timeout=LOOK_SECONDS)


def _processes(run: str) -> list[psutil.Process]:
    return [one for one in psutil.process_iter(["environ"]) if (one.info["environ"] or {}).get(MARK) == run]


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))

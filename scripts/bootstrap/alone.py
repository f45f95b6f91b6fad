"""Allows one setup at a time in one checkout."""

import fcntl
from contextlib import contextmanager

from commands import ROOT


@contextmanager
def alone():
    """Make a second setup wait for the first, and say so."""
    with open(ROOT / ".setup.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another scripts/up or scripts/test is setting up here: waiting for it …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield

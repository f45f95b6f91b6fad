"""A worker that is told to stop ends in time, whatever its threads wait for.

Celery waits for every job under way, however long, and whoever started the worker kills it in the end: exit status 137
and leases that nobody may take up until they run out. And its main thread may itself be in a call that no signal
handler interrupts: a name server that does not answer. So a thread of our own counts from the signal on.
"""

import os
import signal
import sys
import threading
import time
from typing import Any

import structlog
from celery.signals import beat_init, worker_init, worker_shutdown

from coach import quick_exit
from coach.config import config
from coach.jobs import renewal

log = structlog.get_logger(__name__)

GIVING_BACK_SECONDS = 2.0


@worker_init.connect(dispatch_uid="worker-stop")
@beat_init.connect(dispatch_uid="beat-stop")
def watch(**_: Any) -> None:
    """Called in the main thread, before the worker begins."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    # Written by the interpreter the moment a signal comes, whatever the main thread does.
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_wait_for_the_signal, args=[reading], name="worker-stop", daemon=True).start()


@worker_shutdown.connect(dispatch_uid="worker-left")
def _left(sender: Any, **_: Any) -> None:
    quick_exit.ended_in_order(sender.exitcode or 0)


def _wait_for_the_signal(reading: int) -> None:
    while signal.SIGTERM not in os.read(reading, 64):
        pass
    time.sleep(config.worker_stop_seconds)
    _end()


def _end() -> None:
    """What is cut short loses nothing: other workers take it up at once."""
    giving_back = threading.Thread(target=_give_back, name="give-back", daemon=True)
    giving_back.start()
    giving_back.join(GIVING_BACK_SECONDS)
    sys.stdout.flush()
    sys.stderr.flush()
    # A normal exit would wait again for the threads that are stuck.
    os._exit(0)


def _give_back() -> None:
    jobs = renewal.give_back()
    log.warning("the worker ends although jobs are under way; they are given back", job=", ".join(jobs))

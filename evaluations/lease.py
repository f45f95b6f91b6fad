"""Keep a claim while its worker lives, however long the model thinks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, connection

from coach import clock
from evaluations import queue

log = structlog.get_logger(__name__)


@contextmanager
def kept(claim: queue.Claim) -> Iterator[None]:
    """Renew the claim from a thread until the block is left."""
    done = threading.Event()
    renewal = threading.Thread(target=_renew, args=(claim, done), name="evaluation-lease", daemon=True)
    renewal.start()
    try:
        yield
    finally:
        done.set()
        renewal.join(timeout=5)


def _renew(claim: queue.Claim, done: threading.Event) -> None:
    try:
        while not done.wait(queue.LEASE.total_seconds() / 3):
            try:
                if not queue.renew(claim, now=clock.now()):
                    return
            except DatabaseError as error:
                log.warning("evaluation lease not renewed", error=type(error).__name__)
    finally:
        connection.close()

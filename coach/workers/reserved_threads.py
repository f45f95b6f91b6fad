"""Keeps threads free for running conversations in a worker that takes jobs from all queues."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.signals import worker_ready

from coach.workers.queues import LIVE

KEPT_FREE = 2


class Places:
    """How many jobs of one kind may run at once in this process; None: as many as there are threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0
        self.most: int | None = None

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Yields whether a place was free; it is released at the end of the block."""
        with self._lock:
            had = self.most is None or self._taken < self.most
            self._taken += had
        try:
            yield had
        finally:
            with self._lock:
                self._taken -= had


evaluations = Places()


@worker_ready.connect(dispatch_uid="reserved-threads")
def share(sender: Any, **_: Any) -> None:
    """Called once a worker (`sender` is its consumer) knows its queues and its number of threads."""
    takes_live = LIVE in sender.app.amqp.queues.consume_from
    evaluations.most = max(1, sender.controller.concurrency - KEPT_FREE) if takes_live else None

"""Tells operators that a web process has no file descriptor left: Twisted closes each new connection without a word.

Importing this installs no reactor.
"""

import resource
import time
from typing import Any, cast

import structlog
from twisted.logger import globalLogPublisher

EVERY_SECONDS = 60.0

# How `twisted.internet.tcp` begins to tell it, at a level that nobody sees.
_TOLD_BY_TWISTED = ("EMFILE encountered", "Could not accept new connection")

log = structlog.get_logger(__name__)


class Exhaustion:
    """An observer of Twisted's log: one line for operators, then none for a minute."""

    def __init__(self) -> None:
        self._silent_until = float("-inf")

    def __call__(self, event: dict[str, Any]) -> None:
        if not str(event.get("log_format")).startswith(_TOLD_BY_TWISTED) or time.monotonic() < self._silent_until:
            return
        self._silent_until = time.monotonic() + EVERY_SECONDS
        count, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        log.error("no connection can be accepted: all file descriptors are in use; raise LimitNOFILE", count=count)


def tell_when_exhausted() -> None:
    globalLogPublisher.addObserver(cast(Any, Exhaustion()))

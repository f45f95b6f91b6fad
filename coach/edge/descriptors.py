"""File descriptors of a web process: it takes as many as it may, and tells operators when none is left.

Without a free one Twisted closes each new connection without a word.

Importing this installs no reactor.
"""

import resource
import time
from typing import Any, cast

import structlog
from twisted.logger import globalLogPublisher

EVERY_SECONDS = 60.0
# As in the systemd units; enough for 30,000 sockets.
WANTED = 65_536

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


def take_all_allowed() -> None:
    """Raise the limit to what this user may have, at most `WANTED`: many systems start a process with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # macOS: the kernel's own limit is lower than the one it tells
        log.warning("the limit of file descriptors stays as it is", count=soft)

"""Threads that never wait for a database connection behind other work."""

import threading

CONNECTIONS = 2

_thread = threading.local()


def reserve() -> None:
    """From now on the calling thread takes its connections from a pool that only such threads share.

    At most `CONNECTIONS` threads of a process may call this.
    """
    _thread.reserved = True


def is_reserved() -> bool:
    """Whether the calling thread has called `reserve`."""
    return getattr(_thread, "reserved", False)

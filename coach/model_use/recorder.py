"""Keeps the accounts of one process: every model call becomes part of a row, and no caller waits or fails for it."""

import asyncio
import threading
from collections import deque

import structlog
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError

from coach import clock
from coach.model_use import accounts
from coach.providers import model_calls
from coach.providers.model_calls import ModelCall
from coach.telemetry import names
from coach.threads import in_thread

log = structlog.get_logger(__name__)

# Calls that were made while the database was away; added with the next one.
_unwritten: deque[ModelCall] = deque(maxlen=10_000)
_writing = threading.Lock()
_tasks: set[asyncio.Task[None]] = set()


def start() -> None:
    """Begin to listen; once per process."""
    model_calls.listen(note)


def note(call: ModelCall) -> None:
    """Add one call: at once in a thread of its own kind, in the background on an event loop."""
    if call.role == names.EMBEDDINGS:
        return  # Always on this machine, many a turn, at nobody's cost.
    _unwritten.append(call)
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        write()
        return
    task = loop.create_task(in_thread(write), name="model-use")
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def write() -> None:
    """Add what waits. What the database does not take now is tried again with the next call."""
    with _writing:
        while _unwritten:
            try:
                accounts.add(_unwritten[0], now=clock.now())
            except (DataError, IntegrityError) as error:
                # No row will ever hold this one; the others go on.
                log.error("model use not recorded", error=type(error).__name__)
            except (DatabaseError, InterfaceError) as error:
                log.warning("model use not recorded yet", error=type(error).__name__, count=len(_unwritten))
                return
            _unwritten.popleft()


async def finish() -> None:
    """Wait for what is being written: the process is going."""
    if _tasks:
        await asyncio.wait(_tasks)

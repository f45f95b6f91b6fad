"""Records the model calls of one process in the accounts; no caller waits or fails because of it."""

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

# Calls made while the database was away; added along with the next one.
_unwritten: deque[ModelCall] = deque(maxlen=10_000)
_writing = threading.Lock()
_tasks: set[asyncio.Task[None]] = set()


def start() -> None:
    """Start recording; call once per process."""
    model_calls.listen(note)


def note(call: ModelCall) -> None:
    """Record one call: at once in a thread, in the background on an event loop."""
    if call.role == names.EMBEDDINGS:
        return  # Always local, many per turn, and free.
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
    """Write waiting calls. Calls that the database does not accept now are retried with the next one."""
    with _writing:
        while _unwritten:
            try:
                accounts.add(_unwritten[0], now=clock.now())
            except (DataError, IntegrityError) as error:
                # This one can never be stored; go on with the others.
                log.error("model use not recorded", error=type(error).__name__)
            except (DatabaseError, InterfaceError) as error:
                log.warning("model use not recorded yet", error=type(error).__name__, count=len(_unwritten))
                return
            _unwritten.popleft()


async def finish() -> None:
    """Wait for pending writes, because the process is stopping."""
    if _tasks:
        await asyncio.wait(_tasks)
